import { serve } from "../db/crew.ts";
import { isRight, type Piece } from "./look.ts";

serve<Piece, boolean>(isRight);
