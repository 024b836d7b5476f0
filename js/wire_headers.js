// Wire headers: an answer's, as the host takes them and as they speak of its body.
(function () {
  const { Number, NumberIsSafeInteger, StringPrototypeToLowerCase } = __bootstrap.primordials;

  /**
   * Headers as one string, which costs the host one look; neither name nor value can have a line feed. The words of the
   * status line, if there are some, stand before them under an empty name.
   */
  function flatten(headerList, phrase) {
    let flat = phrase === "" ? "" : `\n${phrase}\n`;
    for (let i = 0; i < headerList.length; i++) {
      flat += `${headerList[i][0]}\n${headerList[i][1]}\n`;
    }
    return flat;
  }

  /** What an answer's headers say of its length; -1: nothing. */
  function wireLength(headerList) {
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) !== "content-length") continue;
      const length = Number(headerList[i][1]);
      return NumberIsSafeInteger(length) && `${length}` === headerList[i][1] && length >= 0 ? length : -1;
    }
    return -1;
  }

  return { flatten, wireLength };
})()
