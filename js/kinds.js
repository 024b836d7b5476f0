// Kinds of values, told without running a script's code: what `op_eyot_kind` answers, and the classes of errors that cross.
(function () {
  const { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } = __bootstrap.primordials;

  return {
    ORDINARY: 0,
    ARRAY: 1,
    DATE: 2,
    REGEXP: 3,
    MAP: 4,
    SET: 5,
    ARRAY_BUFFER: 6,
    SHARED_ARRAY_BUFFER: 7,
    VIEW: 8,
    ERROR: 9,
    BOOLEAN: 10,
    NUMBER: 11,
    STRING: 12,
    BIGINT: 13,
    REFUSED: 15,
    errorClasses: { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError },
  };
})()
