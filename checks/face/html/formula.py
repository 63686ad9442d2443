"""A formula in plain text, as claims write it, becomes LaTeX: U*_t, n = d^(l - delta), E[u | y], |w_i|^2, <w_i, v>.

A recursive descent that reads as much as is a formula and no more. Nothing is simplified or rearranged: what comes out
says what went in.
"""

from __future__ import annotations

from .tokens import ARTICLES, FUNCTIONS, GREEK, PREFIXES, Cursor, NotAFormula, Token

RELATIONS = {
    "=": "=", "<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ", "->": r"\to ", "~": r"\sim ", "<": "<", ">": ">",
    "<-": r"\leftarrow ", "..": r"\ldots ",
}  # fmt: skip
CLOSING = {"(": ")", "[": "]", "{": "}"}
SPELT = {"{": r"\{", "}": r"\}", "||": r"\|"}
OPERATORS = {"sum": r"\sum", "E": r"\mathbb{E}", "grad": r"\nabla", "log": r"\log"}
INDICES = {"perp": r"\perp", "T": r"\top", "test": r"\mathrm{test}"}


class Formula(Cursor):
    """Reads one formula from where it stands; every method leaves the cursor behind what it has read."""

    def relation(self) -> list[str]:
        """Sides and signs of a chain of relations, in pieces between which a line may be broken."""
        pieces = self._sum()
        while (sign := self.next.value) in RELATIONS and (sign not in "<>" or (self.spaced() and self.spaced(1))):
            more = self.attempt(self._sum, 1)
            if more is None:
                break
            if sign == "..":
                pieces[-1] += RELATIONS[sign] + more[0]
            else:
                pieces += [f"{{}}{RELATIONS[sign]}{more[0]}", *more[1:]]
        if self.next.value == "in" and (self.depth or self.peek(1).value in ("U", "V", "{", "[")):
            more = self.attempt(self._sum, 1)
            pieces += [rf"{{}}\in {more[0]}", *more[1:]] if more else []
        return pieces

    def _sum(self) -> list[str]:
        sign = self.take().value if self.next.value in ("-", "+") and not self.spaced(1) else ""
        pieces = [sign + self._product()]
        while (sign := self.next.value) in ("+", "-"):
            more = self.attempt(self._product, 1)
            if more is None:
                break
            pieces.append(f"{{}}{sign} {more}")
        return pieces

    def _product(self) -> str:
        result = self._power()
        while True:
            sign, gap = self.next.value, r"\," if self.spaced() else " "
            if sign in ("/", "*"):
                dotted = self.spaced() or self.peek(1).kind == "number"
                skip, gap = 1, "/" if sign == "/" else r" \cdot " if dotted else r"\,"
            elif sign == "x" and self.spaced() and self.spaced(1) and self._starts(1):
                skip, gap = 1, r" \times "
            elif self._starts(0) and (self.depth or self.next.kind != "number"):
                skip = 0
            else:
                return result
            more = self.attempt(self._power, skip)
            if more is None:
                return result
            result += gap + more

    def _power(self) -> str:
        """An operand with whatever is attached to it: index, exponent, star, prime, arguments."""
        token = self.next
        base, sub, sup = self._operand(), "", ""
        named = token.kind == "name"
        while not self.spaced():
            sign = self.next.value
            if self.next.kind == "number" and named and self.tokens[self.at - 1] is token:
                sub = self.take().value
            elif sign == "_" and not sub and self.peek(1).value == "bar":
                self.at, base = self.at + 2, rf"\bar{{{base}}}"
            elif sign == "_" and not sub:
                self.at += 1
                sub = self._index()
            elif sign in ("^", "**"):
                self.at += 1
                sup += self._index()
            elif sign == "'":
                self.at, sup = self.at + 1, sup + r"\prime "
            elif sign == "*" and named and self._is_star(token):
                self.at, sup = self.at + 1, sup + r"\ast "
            elif sign == "~" and (self.spaced(1) or self.peek(1).value == "(" or not self._starts(1)):
                self.at, base = self.at + 1, rf"\tilde{{{base}}}"
            elif sign == "!":
                self.at, base, sub, sup = self.at + 1, _scripts(base, sub, sup) + "!", "", ""
            elif sign in ("(", "[") and named:
                base, sub, sup = _scripts(base, sub, sup) + self._bracket(), "", ""
            else:
                break
        return _scripts(base, sub, sup)

    def _is_star(self, base: Token) -> bool:
        """Whether the sign is that of f*, U*_t, Pi* W^T, and no product: nothing that it could multiply is attached."""
        return not self._starts(1) or self.spaced(1) or (base.value == "f" and self.peek(1).value == "(")

    def _operand(self) -> str:
        token = self.next
        if token.value in CLOSING:
            return self._bracket()
        if token.value in ("|", "||", "<"):
            return self._fence()
        if token.kind != "number" and (not token.mathematical or self._is_word()):
            raise NotAFormula
        self.at += 1
        if token.kind == "number":
            return _number(token.value)
        if token.value in FUNCTIONS:
            if self.next.value != "(" or self.spaced():
                raise NotAFormula
            return rf"\mathrm{{{token.value}}}"
        if token.value in PREFIXES:
            return self._applied(token.value)
        return _symbol(token.value)

    def _applied(self, name: str) -> str:
        """An operator with what it is applied to, which must follow."""
        if name == "sqrt":
            return rf"\sqrt{{{self._in_bracket() if self.next.value == '(' else self._power()}}}"
        shown = OPERATORS.get(name, rf"\mathrm{{{name}}}")
        sub = ""
        if self.next.value == "_" and not self.spaced():
            self.at += 1
            sub = self._index()
        if not self._starts(0):
            raise NotAFormula
        return _scripts(shown, sub, "") + (r"\," if self.spaced() else " ") + self._power()

    def _bracket(self) -> str:
        sign = self.next.value
        close = CLOSING[sign]
        return SPELT.get(sign, sign) + self._in_bracket() + SPELT.get(close, close)

    def _in_bracket(self) -> str:
        """What stands between brackets: formulas with commas, and a condition after a bar."""
        close = CLOSING[self.take().value]
        with self.inside():
            result = self._list()
        self.expect(close)
        return result

    def _fence(self) -> str:
        """|x|, ||x|| or <x, y>: such a sign opens where no space follows it."""
        if self.spaced(1):
            raise NotAFormula
        sign = self.take().value
        with self.inside():
            inner = self._list() if sign == "<" else " ".join(self.relation())
        self.expect(">" if sign == "<" else sign)
        bar = SPELT.get(sign, sign)
        return rf"\langle {inner} \rangle " if sign == "<" else f"{{{bar}{inner}{bar}}}"

    def _list(self) -> str:
        result = " ".join(self.relation())
        while (sign := self.next.value) in (",", ";", ":") or (sign == "|" and self.spaced() and self.spaced(1)):
            self.at += 1
            dots = sign == "," and self.next.value == ".."
            self.at += dots
            shown = r"\ldots " if dots else " ".join(self.relation())
            result += (r"\mid " if sign == "|" else sign + r"\,") + shown
        return result

    def _index(self) -> str:
        """A sub- or superscript: in brackets, which are dropped, or one token."""
        if self.next.value in ("(", "{"):
            found = self.attempt(self._in_bracket)
            return self._verbatim() if found is None else found
        sign = self.take().value if self.next.value == "-" else ""
        token = self.next
        self.at += 1
        if token.value == "*":
            return r"\ast "
        if token.kind not in ("name", "number"):
            raise NotAFormula
        return sign + _index_name(token.value)

    def _verbatim(self) -> str:
        """An index such as {*,1} or {U,> 1}: its signs as they are."""
        close, parts = CLOSING[self.take().value], []
        while (token := self.take()).value != close:
            if token.kind in ("name", "number"):
                parts.append(_index_name(token.value))
            elif token.value in RELATIONS or token.value in "*,+-":
                parts.append(RELATIONS.get(token.value, r"\ast " if token.value == "*" else token.value))
            else:
                raise NotAFormula
        return " ".join(parts)

    def _is_word(self) -> bool:
        """Whether "a" or "I" is the English word here: a word follows, or it begins what would be the formula."""
        after = self.peek(1)
        if self.next.value not in ARTICLES:
            return False
        if after.kind in ("text", "other") or (after.kind == "name" and not after.mathematical):
            return True
        signed = after.value in RELATIONS or after.value in ("+", "/") or not self.spaced(1)
        return not self.depth and self.at == self.first and not (after.kind == "sign" and signed and after.value != ",")

    def _starts(self, ahead: int) -> bool:
        """Whether an operand may begin there."""
        token = self.peek(ahead)
        if token.value in ("|", "||", "<"):
            return self.spaced(ahead) and not self.spaced(ahead + 1)
        return token.mathematical or token.kind == "number" or token.value in CLOSING


def read(tokens: list[Token], at: int) -> tuple[list[str], int] | None:
    """The formula that begins at token `at`, as LaTeX in pieces, and the first token after it; None if none does."""
    formula = Formula(tokens, at)
    pieces = formula.attempt(formula.relation)
    return None if pieces is None else (pieces, formula.at)


def _symbol(name: str) -> str:
    if name in GREEK:
        return rf"\{name} "
    return r"\mathrm{He}" if name == "He" else name


def _number(text: str) -> str:
    """1e-3 as a product, everything else as it is."""
    digits, _, power = text.partition("e")
    return rf"{digits} \cdot 10^{{{power}}}" if power and digits != "1" else rf"10^{{{power}}}" if power else text


def _index_name(value: str) -> str:
    if value in GREEK or len(value) == 1 or value[0].isdigit():
        return r"\top" if value == "T" else _symbol(value)
    return INDICES.get(value, rf"\mathrm{{{value}}}")


def _scripts(base: str, sub: str, sup: str) -> str:
    return base + (f"_{{{sub}}}" if sub else "") + (f"^{{{sup}}}" if sup else "")
