"""From a parse tree to the AST; what could not be read, and stands as a hole in the tree, is left out."""

from __future__ import annotations

from lark import Token, Tree

from conductor_dsl.language import ast
from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.literals import text_literal, token_to_literal
from conductor_dsl.language.source import Span
from conductor_dsl.language.text_to_tree import SyntaxTree, token_span, tree_span

_WORDS = frozenset(
    {"WORD", "KIND", "ON", "WHEN", "SETTING", "FIELD", "EVENT", "SEGMENT", "TEST", "GIVEN", "AT", "EXPECT"}
)
_OPERATORS = frozenset({"OPERATOR", "COMMA"})
_LEFT_OUT = frozenset({"HOLE", "CONVERSATION", "THREAD"})


def tree_to_ast(tree: SyntaxTree, comments: tuple[ast.Comment, ...]) -> tuple[ast.File, tuple[Diagnostic, ...]]:
    """The file that a tree stands for, and findings about values that do not exist, such as 30 February."""
    reader = _Reader()
    items = tuple(item for child in tree.children if (item := reader.item(child)) is not None)
    return ast.File(items, comments), tuple(reader.findings)


class _Reader:
    """Walks one tree and keeps what it finds on the way."""

    def __init__(self) -> None:
        self.findings: list[Diagnostic] = []

    def item(self, child: Token | SyntaxTree) -> ast.Item | None:
        """An item of a file, None for a lost one."""
        if isinstance(child, Token) or child.data == "lost":
            return None
        match child.data:
            case "conversation":
                return self.conversation(child)
            case "field":
                return self.declared(_trees(child, "declared")[0], tree_span(child))
            case "event":
                return self.event(child)
            case "segment":
                return self.segment(child)
            case "test":
                return self.test(child)
        return self.chain(child)

    def conversation(self, tree: SyntaxTree) -> ast.Conversation:
        return ast.Conversation(
            name=self.title(tree),
            settings=tuple(map(self.setting, _trees(tree, "setting"))),
            threads=tuple(map(self.thread, _trees(tree, "thread"))),
            chains=tuple(chain for child in _trees(tree, "chain") if (chain := self.chain(child)) is not None),
            span=tree_span(tree),
        )

    def title(self, tree: SyntaxTree) -> ast.Literal:
        """The name of a conversation, thread or test; an empty text where it is lost."""
        token = tree.children[1]
        assert isinstance(token, Token)
        if token.type == "HOLE":
            return ast.Literal(ast.LiteralType.TEXT, "", token_span(token))
        return text_literal(token, token_span(token), self.findings)

    def setting(self, tree: SyntaxTree) -> ast.Setting:
        return ast.Setting(_word(tree.children[0]), self.elements(tree.children[1:]), tree_span(tree))

    def thread(self, tree: SyntaxTree) -> ast.Thread:
        *header, block = tree.children[2:]
        chain = self.block(block).chain if isinstance(block, Tree) else None
        return ast.Thread(self.title(tree), self.elements(header), chain, tree_span(tree))

    def event(self, tree: SyntaxTree) -> ast.EventDeclaration:
        fields = tuple(self.declared(child, tree_span(child)) for child in _trees(tree, "declared"))
        return ast.EventDeclaration(_word(tree.children[1]), fields, tree_span(tree))

    def segment(self, tree: SyntaxTree) -> ast.SegmentDeclaration:
        _, name, _, *elements = tree.children
        return ast.SegmentDeclaration(_word(name), self.elements(elements), tree_span(tree))

    def test(self, tree: SyntaxTree) -> ast.TestDeclaration:
        statements = tuple(map(self.statement, _trees(tree, "statement")))
        return ast.TestDeclaration(self.title(tree), statements, tree_span(tree))

    def statement(self, tree: SyntaxTree) -> ast.Statement:
        return ast.Statement(_word(tree.children[0]), self.elements(tree.children[1:]), tree_span(tree))

    def declared(self, tree: SyntaxTree, span: Span) -> ast.FieldDeclaration:
        name, type_ = tree.children
        return ast.FieldDeclaration(_word(name), _word(type_), span)

    def chain(self, tree: SyntaxTree) -> ast.Chain | None:
        """A chain without its lost steps; None when none is left."""
        steps = []
        for child in tree.children:
            step = self.step(child)
            if step is not None:
                steps.append(step)
        return ast.Chain(tuple(steps), tree_span(tree)) if steps else None

    def step(self, tree: Token | SyntaxTree) -> ast.Step | None:
        """A step, None for a lost one."""
        assert isinstance(tree, Tree)
        name, *elements = tree.children
        if isinstance(name, Token) and name.type == "HOLE":
            return None
        return ast.Step(_word(name), self.elements(elements), tree_span(tree))

    # Plain loops: a comprehension is a frame of its own in Python 3.11, and blocks nest.
    def elements(self, children: list[Token | SyntaxTree]) -> tuple[ast.Element, ...]:
        """The elements of a step without its lost ones."""
        read = []
        for child in children:
            element = self.token(child) if isinstance(child, Token) else self.element(child)
            if element is not None:
                read.append(element)
        return tuple(read)

    def element(self, tree: SyntaxTree) -> ast.Element:
        """A reference, a group or a block."""
        if tree.data == "ref":
            return self.ref(tree)
        if tree.data == "group":
            return ast.Group(self.elements(tree.children), tree_span(tree))
        return self.block(tree)

    def token(self, token: Token) -> ast.Element | None:
        if token.type in _LEFT_OUT:
            return None
        if token.type in _WORDS:
            return _word(token)
        if token.type in _OPERATORS:
            return ast.Operator(str(token), token_span(token))
        return token_to_literal(token.type, token, token_span(token), self.findings)

    def ref(self, tree: SyntaxTree) -> ast.Ref:
        kind, name = tree.children
        assert isinstance(kind, Token) and isinstance(name, Token)
        text = text_literal(name, token_span(name), self.findings)
        return ast.Ref(str(kind), text.text, tree_span(tree))

    def block(self, tree: SyntaxTree) -> ast.Block:
        chain = None
        arms = []
        for child in tree.children:
            assert isinstance(child, Tree)
            if child.data == "chain":
                chain = self.chain(child)
            elif child.data == "arm":
                arms.append(self.arm(child))
        return ast.Block(chain, tree_span(tree), tuple(arms))

    def arm(self, tree: SyntaxTree) -> ast.Arm:
        percent, *elements = self.elements(tree.children)
        *names, block = elements
        assert isinstance(percent, ast.Literal) and isinstance(block, ast.Block)
        name = names[0] if names else None
        assert name is None or isinstance(name, ast.Literal)
        return ast.Arm(percent, name, block, tree_span(tree))


def _trees(tree: SyntaxTree, data: str) -> list[SyntaxTree]:
    return [child for child in tree.children if isinstance(child, Tree) and child.data == data]


def _word(child: Token | SyntaxTree) -> ast.Word:
    assert isinstance(child, Token)
    return ast.Word(str(child), token_span(child))
