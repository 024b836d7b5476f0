// Options of listeners that Node's streams set on signals: a signal here holds its listeners strongly.
(function () {
  const { primordials: { Symbol } } = __bootstrap;
  return { kWeakHandler: Symbol("kWeak"), kResistStopPropagation: Symbol("kResistStopPropagation") };
})()
