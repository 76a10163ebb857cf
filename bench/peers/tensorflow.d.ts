/** The part of TensorFlow.js that tfjs.ts uses: the types are checked where the packages are not installed too. */

declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    dataSync(): Float32Array;
    dispose(): void;
  }
  export interface Variable extends Tensor {
    readonly name: string;
  }
  export const version_core: string;
  export const train: {
    adam(
      rate: number,
      beta1: number,
      beta2: number,
      epsilon: number,
    ): { applyGradients(gradients: Record<string, Tensor>): void };
  };
  export function setBackend(name: string): Promise<boolean>;
  export function tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  export function zeros(shape: readonly number[]): Tensor;
  export function variable(initial: Tensor, trainable: boolean, name: string): Variable;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function transpose(a: Tensor): Tensor;
  export function add(a: Tensor, b: Tensor): Tensor;
  export function sub(a: Tensor, b: Tensor): Tensor;
  export function mul(a: Tensor, b: Tensor | number): Tensor;
  export function relu(a: Tensor): Tensor;
  export function softplus(a: Tensor): Tensor;
  export function sum(a: Tensor): Tensor;
  export function customGrad<Inputs extends Tensor[]>(
    f: (...inputs: [...Inputs, save: (tensors: Tensor[]) => void]) => {
      value: Tensor;
      gradFunc(dy: Tensor, saved: Tensor[]): Tensor[];
    },
  ): (...inputs: Inputs) => Tensor;
  export function variableGrads(
    f: () => Tensor,
    variables: Variable[],
  ): { value: Tensor; grads: Record<string, Tensor> };
  export function tidy<T>(f: () => T): T;
}

declare module '@tensorflow/tfjs-backend-cpu' {}

declare module '@tensorflow/tfjs-backend-wasm' {
  export function getThreadsCount(): number;
}

declare module '@tensorflow/tfjs-layers' {}
