#!/bin/sh
# nfscribe @VERSION@ for Linux on @MACHINE@ in one file: this script, and behind it an archive
# of nfscribe's sources, their packages and Deno. The first start unpacks it into a folder that
# only this user writes to; each start runs what lies there.
set -eu
version=@VERSION@ machine=@MACHINE@ sum=@SUM@ first=@FIRST@
self=$(readlink -f "$0")

fail() {
  echo "nfscribe: $*" >&2
  exit 1
}

# Whether a folder belongs to this user, and nobody else may write to it.
is_own() {
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -x "$1" ] &&
    [ "$(find "$1" -maxdepth 0 ! -perm -002 ! -perm -020 -print)" = "$1" ]
}

# Whether no other user can put another folder in the place of this one, or of one above it:
# those above belong to this user or to root, and who else may write to them owns what is there.
is_out_of_reach() {
  above=$1
  while above=${above%/*} && [ -n "$above" ]; do
    [ "$(find "$above" -maxdepth 0 \( -user 0 -o -user "$(id -u)" \) \
      \( -perm -1000 -o ! -perm -002 ! -perm -020 \) -print)" = "$above" ] || return
  done
}

# Unpacks the archive beside what is there, and puts it in place at once: who else does the
# same meanwhile is not disturbed. Keeps in $why why it cannot.
unpack() {
  new=$(mktemp -d "$folder/new.XXXXXX" 2>/dev/null) || { why="cannot write to it"; return 1; }
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  [ ! -t 2 ] || echo "nfscribe: unpacking into $folder, once" >&2
  mkdir "$new/tree"
  if ! tail -n +"$first" "$self" >"$new/archive" 2>/dev/null; then
    why="there is no room"
  elif [ "$(sha256sum <"$new/archive" | cut -d ' ' -f 1)" != "$sum" ]; then
    fail "$self is damaged: it does not have its checksum. Fetch it anew"
  elif ! tar -xzf "$new/archive" -C "$new/tree" --no-same-owner 2>/dev/null; then
    why="there is no room"
  elif ! "$new/tree/deno" --version >/dev/null 2>&1; then
    why="programs do not run from it (mounted with noexec?), or this system has no glibc"
  elif mv -T "$new/tree" "$tree" 2>/dev/null || is_own "$tree"; then
    why=
    remove_others
  else
    why="$tree is in the way"
  fi
  rm -rf "$new"
  trap - EXIT HUP INT TERM
  [ -z "$why" ]
}

# Removes other versions that no process runs, and what was left half unpacked.
remove_others() {
  running=$(ls -l /proc/[0-9]*/exe 2>/dev/null || :)
  for other in "$folder"/*-*; do
    case $other in "$tree") continue ;; esac
    case $running in *"-> $other/"*) ;; *) rm -rf "$other" ;; esac
  done
  find "$folder" -mindepth 1 -maxdepth 1 -name 'new.*' -mmin +60 -exec rm -rf {} +
}

# Has `current` lead to this version: what names nfscribe's files for longer than it runs, as a
# project's deno.json, names them below it.
be_current() {
  [ ! "$folder/current" -ef "$tree" ] || return 0
  link=$(mktemp -u "$folder/new.XXXXXX")
  ln -s "${tree##*/}" "$link" && mv -T "$link" "$folder/current"
} 2>/dev/null

# Runs nfscribe from where it lies.
run() {
  NFSCRIBE_FILE=$self NFSCRIBE_SOURCES=$folder/current
  export NFSCRIBE_FILE NFSCRIBE_SOURCES
  umask "$mask"
  exec "$tree/scripts/nfscribe" "$@"
}

# Runs it from where root has unpacked this version, for other users, as a service's.
run_from_roots() {
  folder=$1
  shift
  tree=$folder/$version-$sum
  [ "$folder/current" -ef "$tree" ] && [ "$(find "$folder" "$tree" -maxdepth 0 -type d -user 0 \
    ! -perm -002 ! -perm -020 -print | wc -l)" -eq 2 ] || return 0
  run "$@"
}

# Runs nfscribe from a folder, if it can lie there.
run_from() {
  folder=$1
  shift
  case $folder in /*) ;; *) return ;; esac
  mkdir -p "$folder" 2>/dev/null || :
  # Without links on the way, which others may change.
  [ ! -d "$folder" ] || [ -L "$folder" ] || folder=$(readlink -f "$folder")
  tree=$folder/$version-$sum
  if [ ! -e "$folder" ]; then
    why="cannot make it"
  elif ! is_own "$folder"; then
    why="it belongs to another user, or others may write to it"
  elif ! is_out_of_reach "$folder"; then
    why="another user may put another folder in its place"
  elif [ -e "$tree" ] && ! is_own "$tree"; then
    why="$tree belongs to another user, or others may write to it"
  elif [ -e "$tree" ] || unpack; then
    be_current || :
    run "$@"
  fi
  reasons="$reasons
  $folder: $why"
}

[ "$(uname -m)" = "$machine" ] || fail "$self is for $machine, and this is $(uname -m)"
mask=$(umask) reasons=
if [ "$(id -u)" -eq 0 ]; then
  # Its sandboxes are other users, who read it.
  umask 022
  run_from /var/cache/nfscribe-run "$@"
  run_from /run/nfscribe-run "$@"
else
  run_from_roots /var/cache/nfscribe-run "$@"
  run_from_roots /run/nfscribe-run "$@"
  umask 077
  cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
  [ -z "${CACHE_DIRECTORY:-}" ] || run_from "${CACHE_DIRECTORY%%:*}/onefile" "$@"
  run_from "$cache/nfscribe/onefile" "$@"
  run_from "${TMPDIR:-/tmp}/nfscribe-$(id -u)" "$@"
fi
fail "Cannot unpack itself anywhere:$reasons
Name a folder of your own as XDG_CACHE_HOME"
