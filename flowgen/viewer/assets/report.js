// Shows the run document in the page.

import { parseJson } from "./json_text.js";
import { showDocument } from "./run_view.js";

showDocument(document.getElementById("viewer"), parseJson(document.getElementById("document").textContent));
