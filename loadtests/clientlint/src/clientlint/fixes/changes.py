"""Changes of a module's text, made by libcst so that comments, strings and layout stay as they are."""

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from clientlint.finding import Finding
from clientlint.problem import Fix

LIBRARIES = ("httpx2", "httpx", "ssl")


def changed(text: str, found: Finding) -> str | None:
    """The text without the problem. None if it cannot be changed here after all."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    call = next((node for node in positions if isinstance(node, cst.Call) and _is_at(positions[node], found)), None)
    if call is None or found.fix is None:
        return None
    match found.fix:
        case Fix.SHARE_CONTEXT | Fix.REUSE_CONTEXT:
            return _with_shared_context(wrapper.module, call, found)
        case Fix.WITH | Fix.ASYNC_WITH:
            return _in_with_block(wrapper, call, is_async=found.fix is Fix.ASYNC_WITH)
        case Fix.IN_THREAD:
            return _in_thread(wrapper, call)


def _is_at(place: object, found: Finding) -> bool:
    start, end = getattr(place, "start"), getattr(place, "end")  # noqa: B009 - a CodeRange or a CodeSpan
    return (start.line, start.column + 1) == (found.line, found.column) and (end.line, end.column + 1) == (
        found.end_line,
        found.end_column,
    )


def _with_shared_context(module: cst.Module, call: cst.Call, found: Finding) -> str | None:
    builds = found.message.split(" ", 1)[0]
    library = builds.partition(".")[0]
    name, maker = f"_{library}_tls_context", "create_default_context" if library == "ssl" else "create_ssl_context"
    if library not in LIBRARIES:
        return None
    if found.fix is Fix.SHARE_CONTEXT:
        equal = cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace(""))
        argument = cst.Arg(keyword=cst.Name("verify"), value=cst.Call(cst.Name(name)), equal=equal)
        replacement = call.with_changes(args=[*_with_comma(call.args), argument])
    else:
        replacement = cst.Call(cst.Name(name))
    function = (
        f"@functools.cache\ndef {name}() -> ssl.SSLContext:\n"
        f'    """Build the TLS context once, because it loads the CA bundle."""\n    return {library}.{maker}()\n'
    )
    is_there = m.findall(module, m.FunctionDef(name=m.Name(name)))
    new = _replaced(module, call, replacement)
    if not is_there:
        new = _after_imports(new, cst.parse_module(function).body)
    return _with_imports(new, ("functools", "ssl", library))


def _replaced(module: cst.Module, old: cst.CSTNode, new: cst.CSTNode) -> cst.Module:
    """The module with one node in place of another. libcst's type says that a module may become something else."""
    replaced = module.deep_replace(old, new)
    return replaced if isinstance(replaced, cst.Module) else module


def _with_comma(arguments: Sequence[cst.Arg]) -> list[cst.Arg]:
    if not arguments:
        return []
    last = arguments[-1]
    comma = (
        cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        if isinstance(last.comma, cst.MaybeSentinel)
        else last.comma
    )
    return [*arguments[:-1], last.with_changes(comma=comma)]


def _after_imports(module: cst.Module, added: Sequence[cst.BaseStatement | cst.SimpleStatementLine]) -> cst.Module:
    is_import = m.SimpleStatementLine(body=[m.Import() | m.ImportFrom()])
    last = max((number for number, statement in enumerate(module.body) if m.matches(statement, is_import)), default=-1)
    first = added[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)] * 2)
    after = list(module.body[last + 1 :])
    if after and not m.matches(after[0], m.FunctionDef() | m.ClassDef()):
        blank = [cst.EmptyLine(indent=False)] * 2
        lines = [line for line in after[0].leading_lines if line.comment]
        after[0] = after[0].with_changes(leading_lines=[*blank, *lines])
    return module.with_changes(body=[*module.body[: last + 1], first, *added[1:], *after])


def _with_imports(module: cst.Module, names: Sequence[str]) -> str:
    context = CodemodContext()
    for name in names:
        AddImportsVisitor.add_needed_import(context, name)
    return AddImportsVisitor(context).transform_module(module).code


def _in_with_block(wrapper: MetadataWrapper, call: cst.Call, *, is_async: bool) -> str | None:
    """`client = Client()` becomes `with Client() as client:`, and what follows up to its last use goes inside."""
    parents = wrapper.resolve(ParentNodeProvider)
    assign = parents[call]
    line = parents[assign]
    block = parents[line]
    match assign, line, block:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as name)]), cst.SimpleStatementLine(
            body=[_]
        ), cst.IndentedBlock():
            pass
        case _:
            return None
    number = block.body.index(line)
    after = range(number + 1, len(block.body))
    end = max((later for later in after if m.findall(block.body[later], m.Name(name.value))), default=number) + 1
    managed = cst.With(
        items=[cst.WithItem(item=call, asname=cst.AsName(name=name))],
        body=cst.IndentedBlock(block.body[number + 1 : end], header=line.trailing_whitespace),
        asynchronous=cst.Asynchronous() if is_async else None,
        leading_lines=line.leading_lines,
    )
    body = [*block.body[:number], managed, *block.body[end:]]
    return _replaced(wrapper.module, block, block.with_changes(body=body)).code


def _in_thread(wrapper: MetadataWrapper, call: cst.Call) -> str | None:
    """`requests.get(url)` becomes `await asyncio.to_thread(requests.get, url)`."""
    parent = wrapper.resolve(ParentNodeProvider)[call]
    to_thread = cst.Call(cst.Attribute(cst.Name("asyncio"), cst.Name("to_thread")))
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    function = cst.Arg(value=call.func, comma=comma if call.args else cst.MaybeSentinel.DEFAULT)
    in_thread = to_thread.with_changes(args=[function, *call.args], whitespace_before_args=call.whitespace_before_args)
    awaited: cst.BaseExpression = cst.Await(expression=in_thread)
    if not isinstance(parent, cst.Assign | cst.AnnAssign | cst.Return | cst.Expr | cst.Arg):
        awaited = awaited.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return _replaced(wrapper.module, call, awaited).code
