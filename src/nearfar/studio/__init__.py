"""The local web side: pages with the WebXR runtime put in, and the stream that feeds them."""
