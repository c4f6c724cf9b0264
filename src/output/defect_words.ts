/** Words of defects. */

import type { Defect, LayerName } from "../packet/layers.ts";
import type { Word } from "../text/line.ts";

/** Words by kind and layer, made when they are seen. */
export class DefectWords {
  readonly #make: (defect: Defect) => Word;
  readonly #known: Readonly<Record<Defect["kind"], Map<LayerName, Word>>> = {
    truncated: new Map(),
    malformed: new Map(),
  };

  /** Creates it with the words' form. */
  constructor(make: (defect: Defect) => Word) {
    this.#make = make;
  }

  /** Returns the word of a defect. */
  of(defect: Defect): Word {
    const words = this.#known[defect.kind];
    const known = words.get(defect.layer);
    if (known !== undefined) return known;
    const word = this.#make(defect);
    words.set(defect.layer, word);
    return word;
  }
}
