// The classic script: put ahead of a page's own, it installs WebXR.
//
//   <script src="nearfar-webxr.js">                                    a device without depth, until one is connected
//   <script src="nearfar-webxr.js" data-profile="quest">              the same, as that kind of device
//   <script src="nearfar-webxr.js" data-stream="/nearfar/stream">      that of a server
//   … data-move, or ?nearfar-move in the page's address                whose viewer moves by mouse and keys
//
// In a worker, which that page starts with the same script, it reads the lane.
import { install, installedHook } from '../core/install';
import { stillDevice } from '../device/still_device';
import { streamAddress } from '../stream/address';
import { serveLane } from '../stream/lane_worker';
import { StreamDevice } from '../stream/stream_device';

function start(): void {
  const { src = '', dataset = {} } = (document.currentScript ?? {}) as Partial<HTMLScriptElement>;
  const { stream, profile, move } = dataset;
  const movable = move !== undefined || new URL(document.URL).searchParams.has('nearfar-move');
  if (stream) install(new StreamDevice(streamAddress(stream, document.baseURI), movable, src));
  // A page that brings the script along may have got it from its server already, with a device under it.
  else if (profile !== undefined || !installedHook()) install(stillDevice(profile));
}

if (typeof document === 'undefined') serveLane();
else start();
