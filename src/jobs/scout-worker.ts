import { serve } from "../db/crew.ts";
import { lookAt, type Look, type Piece } from "./look.ts";

/** Enough for the index of all sessions, of which each page reads another part, beside the events of the page. */
const cacheKibibytes = 40_000;

serve<Piece, Look>(lookAt, cacheKibibytes);
