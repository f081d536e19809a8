// Shows the run document in the page.

import { showDocument } from "./run_view.js";

showDocument(document.getElementById("viewer"), JSON.parse(document.getElementById("document").textContent));
