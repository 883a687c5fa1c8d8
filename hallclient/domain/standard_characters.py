"""Characters that old character sets keep in the private use area, as the standard's own characters.

GBK left the ideographs FE50 to FEA0 without a place in Unicode, so systems of its time wrote them into the private use
area (U+E815 to U+E864), and chips still hold them: 䶮 may stand there as U+E863. GB 18030-2000 gave most of them their
Unicode character, GB 18030-2005 and -2022 the last 24 (these 14 ideographs and ten vertical punctuation marks, U+E78D
to U+E796). Checked against the GB18030 tables of glibc. Private codes that no standard assigns stay as they are.
"""

# The bytes FE50 to FEA0 of GB 18030 (FE7F is none), in the order of U+E815 to U+E864.
_IDEOGRAPHS = """
2E81 20087 20089 200CC 2E84 3473 3447 2E88 2E8B 9FB4 359E 361A 360E 2E8C 2E97 396E 3918 9FB5 39CF 39DF 3A73
39D0 9FB6 9FB7 3B4E 3C6E 3CE0 2EA7 215D7 9FB8 2EAA 4056 415F 2EAE 4337 2EB3 2EB6 2EB7 2298F 43B1 43AC 2EBB
43DD 44D6 4661 464C 9FB9 4723 4729 477C 478D 2ECA 4947 497A 497D 4982 4983 4985 4986 499F 499B 49B7 49B6 9FBA
241FE 4CA3 4C9F 4CA0 4CA1 4C77 4CA2 4D13 4D14 4D15 4D16 4D17 4D18 4D19 4DAE 9FBB
"""
# The bytes A6D9 to A6DF, A6EC, A6ED and A6F3, in the order of U+E78D to U+E796.
_PUNCTUATION = "FE10 FE12 FE11 FE13 FE14 FE15 FE16 FE17 FE18 FE19"

_STANDARD = {
    private: int(code, 16)
    for first, codes in ((0xE815, _IDEOGRAPHS), (0xE78D, _PUNCTUATION))
    for private, code in enumerate(codes.split(), start=first)
}


def standard_text(text: str) -> str:
    """`text` with every character that GB 18030 moved out of the private use area in its place in Unicode.

    So that two ways to write one name compare equal, and fonts can show it.
    """
    return text.translate(_STANDARD)
