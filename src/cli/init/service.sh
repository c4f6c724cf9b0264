# `nfscribe init --service`: makes a service of the one file that holds all of nfscribe.
# $root is the folder with nfscribe's files.
set -eu
umask 022
. "$root/scripts/prepare"

refuse() {
  echo "nfscribe: Cannot make a service: $*" >&2
  exit 1
}

for word; do
  case $word in
    init | --service | --yes) ;;
    *)
      echo "nfscribe: init --service takes no $word: /etc/nfscribe/nfscribe.toml says what is logged" >&2
      exit 2
      ;;
  esac
done
if [ -z "${NFSCRIBE_FILE:-}" ]; then
  ! is_installed ||
    refuse "nfscribe was installed with one; systemctl enable --now nfscribe starts it"
  refuse "only the one file can; from a checkout, scripts/install installs nfscribe with its service"
fi
better="put it elsewhere: install $NFSCRIBE_FILE /usr/local/bin/nfscribe"
case $NFSCRIBE_FILE in
  *[!a-zA-Z0-9/._-]*) refuse "a unit cannot name $NFSCRIBE_FILE; use letters, digits, and / . _ -" ;;
  /home/* | /root/* | /run/user/* | /tmp/* | /var/tmp/*)
    refuse "a service does not see $NFSCRIBE_FILE; $better"
    ;;
esac
is_root || refuse "that takes root: sudo $NFSCRIBE_FILE init --service"
loose=$(loose_part "$NFSCRIBE_FILE")
[ -z "$loose" ] || refuse "others than root may change $loose; $better"
for place in /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
  [ ! -e "$place/nfscribe.service" ] ||
    refuse "$place/nfscribe.service is there, of another installation; remove that first"
done

# The line by which a unit is known again.
mark="# Written by nfscribe init --service, which writes it anew: changes go into a drop-in."
place=/etc/systemd/system
units="nfscribe.service nfscribe-web.service nfscribe-web.socket"
for unit in $units; do
  [ ! -e "$place/$unit" ] || grep -qxF "$mark" "$place/$unit" ||
    refuse "$place/$unit is there, and nfscribe init --service has not written it; move it away"
done

make_user "$root/service/nfscribe.sysusers"
wrote=
configuration=/etc/nfscribe/nfscribe.toml
[ -d "${configuration%/*}" ] || mkdir -m 750 "${configuration%/*}"
if [ ! -e "$configuration" ]; then
  cp "$root/nfscribe.toml" "$configuration"
  chmod 640 "$configuration"
  wrote=$configuration
fi
give_to_user
mkdir -p "$place"
for unit in $units; do
  # Root unpacks a new version, so that it lies where no other user may change it.
  {
    echo "$mark"
    sed "s|^ExecStart=/usr/local/bin/nfscribe |ExecStartPre=+$NFSCRIBE_FILE --version\\
&|
      s|=/usr/local/bin/nfscribe |=$NFSCRIBE_FILE |" "$root/service/$unit"
  } >"$place/$unit.new"
  if cmp -s "$place/$unit.new" "$place/$unit"; then
    rm "$place/$unit.new"
  else
    mv "$place/$unit.new" "$place/$unit"
    wrote="$wrote $place/$unit"
  fi
done
[ ! -d /run/systemd/system ] || systemctl daemon-reload

if [ -z "$wrote" ]; then
  echo "nfscribe.service is there already; nothing has changed"
else
  printf '%s\n' Wrote
  printf '  %s\n' $wrote
fi
word=nfscribe
[ "$(command -v nfscribe)" -ef "$NFSCRIBE_FILE" ] || word=$NFSCRIBE_FILE
cat <<END

Next, as root:

  # what is logged, and where to
  editor $configuration
  $word check
  # firewall rules that feed it: load one form of them
  $word rules
  systemctl enable --now nfscribe

$word doctor --service tells how it does. A later version takes its place by
systemctl restart nfscribe, which loses no packet.
END
