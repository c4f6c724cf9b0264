/**
 * Imported ahead of the user's script, so that it runs when the script is loaded
 * and has not begun: from here on the thread holds no right that it was not
 * granted.
 *
 * @module
 */

import { seal } from "./lockdown.ts";

seal();
