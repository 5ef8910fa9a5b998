// XRTest, which stands at navigator.xr.test: https://immersive-web.github.io/webxr-test-api/#xrtest-interface
import type { Device, Hook } from '../device/device';
import { toFunction } from '../idl/convert';
import { Slots, created, illegalConstructor, published } from '../idl/interface';
import { type FakeXRDevice, fakeDevice, toDeviceInit } from './fake_device';
import { SimulatedDevice } from './simulated_device';

/** The fake devices that are connected now; of several the newest is the one that sessions get. */
class Connections {
  readonly #hook: Hook;
  #simulated: SimulatedDevice[] = [];
  #before: Device | null = null;

  constructor(hook: Hook) {
    this.#hook = hook;
  }

  add(device: SimulatedDevice): void {
    if (this.#simulated.length === 0) this.#before = this.#hook.device;
    this.#simulated.push(device);
    this.#hook.connect(device);
  }

  remove(device: SimulatedDevice): void {
    this.#simulated = this.#simulated.filter((other) => other !== device);
    if (this.#hook.device === device) this.#hook.connect(this.#simulated.at(-1) ?? this.#before);
  }

  removeAll(): void {
    if (this.#simulated.length === 0) return;
    this.#simulated = [];
    this.#hook.connect(this.#before);
  }
}

const tests = new Slots<Connections>('XRTest');

export class XRTest {
  constructor() {
    illegalConstructor();
  }

  async simulateDeviceConnection(init: unknown): Promise<FakeXRDevice> {
    const connections = tests.of(this);
    const device = new SimulatedDevice(toDeviceInit(init));
    connections.add(device);
    return fakeDevice(device, () => connections.remove(device));
  }

  /** The runtime asks for no activation, so that a function need only be called. */
  simulateUserActivation(f: unknown): void {
    tests.of(this);
    toFunction(f, 'simulateUserActivation')();
  }

  async disconnectAllDevices(): Promise<void> {
    tests.of(this).removeAll();
  }
}
published(XRTest, 'XRTest');

export function createXRTest(hook: Hook): XRTest {
  return tests.fill(created(XRTest), new Connections(hook));
}
