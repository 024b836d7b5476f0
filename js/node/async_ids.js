// Asynchronous ids: Node's hooks are not kept here, so the ids that its own code passes around are all 0.
(function () {
  const none = () => {};
  const zero = () => 0;
  return {
    emitAfter: none,
    emitBefore: none,
    emitDestroy: none,
    emitInit: none,
    executionAsyncId: zero,
    newAsyncId: zero,
  };
})()
