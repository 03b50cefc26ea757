// The first code that runs. It is small, and what it asks for is there when the rest of the code is.
import { askForPage } from "./askForPage";

void askForPage(window.location);
void import("./main");
