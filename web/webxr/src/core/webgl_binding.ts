// XRWebGLBinding: a session's tie to a WebGL context, through which depth textures come.
import { invalidState } from '../idl/errors';
import { published, required } from '../idl/interface';
import { bindings, sessions } from './states';
import { toContext } from './webgl_layer';

export class XRWebGLBinding {
  constructor(session: unknown, context: unknown) {
    required(arguments, 2, 'XRWebGLBinding');
    const owner = sessions.argument(session, 'XRWebGLBinding');
    const gl = toContext(context, 'XRWebGLBinding');
    if (owner.ended) throw invalidState('XRWebGLBinding: the session has ended.');
    if (gl.isContextLost()) throw invalidState('XRWebGLBinding: the context is lost.');
    if (owner.mode === 'inline') throw invalidState('XRWebGLBinding: the session is inline.');
    bindings.fill(this, { session: owner.object, gl });
  }

  get nativeProjectionScaleFactor(): number {
    bindings.of(this);
    return 1;
  }

  get usesDepthValues(): boolean {
    bindings.of(this);
    return false;
  }
}
published(XRWebGLBinding, 'XRWebGLBinding');
