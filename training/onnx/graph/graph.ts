import { type Attributes, GraphBuilder, type TensorType, type Value } from '../ir/builder.ts';
import { opEntry } from '../ops/registry.ts';

export type { Attributes, Dim, Node, Shape, Value } from '../ir/builder.ts';

/** A dataflow graph of the operators in `ops/`. */
export class Graph extends GraphBuilder {
  protected override infer(op: string, inputs: readonly Value[], attributes: Attributes): TensorType[] {
    return [opEntry(op).infer(inputs, attributes)].flat();
  }
}
