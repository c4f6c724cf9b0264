/** Buttons that show an icon alone. */

import type { JSX } from "preact";
import { Icon, type IconName } from "./icon.tsx";

/** Properties of such a button. */
export interface IconButtonProperties {
  icon: IconName;
  /** Name of its action, for screen readers and the pointer. */
  label: string;
  /** Key that does the same, for the pointer. */
  hint?: string;
  /** Further classes. */
  look?: string;
  isDisabled?: boolean;
  onClick: () => void;
}

/** Shows the button. */
export function IconButton(
  { icon, label, hint, look, isDisabled = false, onClick }: IconButtonProperties,
): JSX.Element {
  return (
    <button
      type="button"
      class={look === undefined ? "button" : `button ${look}`}
      title={hint === undefined ? label : `${label} (${hint})`}
      aria-label={label}
      disabled={isDisabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
