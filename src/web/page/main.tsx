/** Begins the page in a browser. */

import { render } from "preact";
import { App } from "./layout/app.tsx";
import { bindAddress } from "./state/view.ts";

bindAddress();
render(<App />, document.getElementById("page")!);
