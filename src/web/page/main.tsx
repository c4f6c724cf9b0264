/** Begins the page in a browser. */

import { render } from "preact";
import { bindKeys } from "./keys/commands.ts";
import { App } from "./layout/app.tsx";
import { bindTheme } from "./state/settings.ts";
import { bindAddress } from "./state/view.ts";

bindAddress();
bindTheme();
bindKeys();
render(<App />, document.getElementById("page")!);
