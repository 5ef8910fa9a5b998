// nearfar WebXR runtime, Apache-2.0
"use strict";(()=>{})();
