import { type Attributes, GraphBuilder, type TensorType, type Value } from '../ir/builder.ts';
import { type OpName, opEntry } from '../ops/registry.ts';

export type { Attributes, Dim, Node, Shape, Value } from '../ir/builder.ts';

/** A dataflow graph of the operators in `ops/`. */
export class Graph extends GraphBuilder {
  override op(op: OpName, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return super.op(op, inputs, attributes);
  }

  protected override infer(op: string, inputs: readonly Value[], attributes: Attributes): TensorType[] {
    return [opEntry(op).infer(inputs, attributes)].flat();
  }
}
