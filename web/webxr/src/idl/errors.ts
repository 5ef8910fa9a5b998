// The DOMExceptions that the specifications name.

const error = (name: string) => (message: string) => new DOMException(message, name);

export const invalidState = error('InvalidStateError');
export const notSupported = error('NotSupportedError');
