// The classic script: put ahead of a page's own, it installs WebXR with a device that has no depth until another
// is connected.
import { install } from '../core/install';
import { stillDevice } from '../device/still_device';

install(stillDevice());
