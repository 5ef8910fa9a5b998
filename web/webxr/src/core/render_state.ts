// XRRenderState and XRLayer: what a session draws with.
import { created, illegalConstructor, published } from '../idl/interface';
import { renderStates, type RenderValues } from './states';

export class XRRenderState {
  constructor() {
    illegalConstructor();
  }

  get depthNear(): number {
    return renderStates.of(this).depthNear;
  }

  get depthFar(): number {
    return renderStates.of(this).depthFar;
  }

  get passthroughFullyObscured(): boolean | null {
    return renderStates.of(this).passthroughFullyObscured;
  }

  get inlineVerticalFieldOfView(): number | null {
    return renderStates.of(this).inlineVerticalFieldOfView;
  }

  get baseLayer(): object | null {
    return renderStates.of(this).baseLayer;
  }
}
published(XRRenderState, 'XRRenderState');

export class XRLayer extends EventTarget {
  constructor(...given: unknown[]) {
    super();
    illegalConstructor(given[0]);
  }
}
published(XRLayer, 'XRLayer');

export function renderState(values: RenderValues): XRRenderState {
  return renderStates.fill(created(XRRenderState), values);
}
