// Adds navigator.xr.test to the runtime, which must have been loaded ahead of this script.
import type { Hook } from '../device/device';
import { extend } from '../idl/interface';
import { createXRTest } from '../test_api/xr_test';

const hook = (globalThis as { [key: symbol]: unknown })[Symbol.for('nearfar.webxr')] as Hook | undefined;
if (!hook) throw new Error('nearfar-webxr-test.js needs nearfar-webxr.js, loaded ahead of it.');

const test = createXRTest(hook);
const xr: object = (navigator as unknown as { xr: object }).xr;

extend(Object.getPrototypeOf(xr) as object, {
  get test() {
    if (this !== xr) throw new TypeError('Illegal invocation');
    return test;
  },
});
