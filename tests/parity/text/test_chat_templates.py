"""Rendered chat templates, byte for byte against transformers."""

import datetime
import itertools
import json

import pytest
from text_oracle import ask, data_folder

jinja2 = pytest.importorskip("jinja2")
chat_utils = pytest.importorskip("transformers.utils.chat_template_utils")


class PinnedDate(datetime.datetime):
    """Evoke's templates always see this day."""

    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


@pytest.fixture(autouse=True)
def pinned_date(monkeypatch):
    monkeypatch.setattr(chat_utils, "datetime", PinnedDate)


def say(*pairs):
    return [{"role": role, "content": content} for role, content in pairs]


SYSTEM = ("system", "You are terse.")
CONVERSATIONS = {
    "one question": say(("user", "Hi")),
    "system and question": say(SYSTEM, ("user", "What is 2+2?")),
    "two turns": say(("user", "Hi"), ("assistant", "Hello!"), ("user", "Bye")),
    "system and two turns": say(SYSTEM, ("user", "Hi"), ("assistant", "Hello!"), ("user", "Bye")),
    "trailing assistant": say(("user", "Write a line"), ("assistant", "Once upon a time")),
    "system and trailing assistant": say(SYSTEM, ("user", "Q"), ("assistant", "A")),
    "five turns": say(*itertools.islice(itertools.cycle([("user", "q"), ("assistant", "a")]), 5)),
    "spaces around": say(SYSTEM, ("user", "  padded \n\n"), ("assistant", "\n answer  "), ("user", "\tmore")),
    "empty contents": say(("system", ""), ("user", ""), ("assistant", ""), ("user", "x")),
    "many scripts": say(("user", "漢字 مرحبا 😀 é ß İ \u2028 ‘q’")),
    "markup and quotes": say(SYSTEM, ("user", "<b>\"a\" & 'b'</b> {{ x }} {% y %} <|im_end|> </s>")),
    "reasoning": say(("user", "think"), ("assistant", "<think>\nhm, 2\n</think>\n\nFour."), ("user", "sure?")),
    "reasoning at the end": say(("user", "think"), ("assistant", "<think>a</think>b</think>c")),
    "switches in the system prompt": say(("system", "Be kind. /no_think"), ("user", "Go /think")),
    "channels": say(("user", "x"), ("assistant", "<|channel>thought\nabc<channel|>done"), ("user", "y")),
    "long": say(SYSTEM, *(("user" if i % 2 == 0 else "assistant", f"line {i}\n" * 20) for i in range(9))),
    "assistant first": say(("assistant", "I begin"), ("user", "fine")),
    "two users": say(("user", "a"), ("user", "b")),
    "two assistants": say(("user", "a"), ("assistant", "b"), ("assistant", "c")),
    "system in the middle": say(("user", "a"), ("assistant", "b"), SYSTEM, ("user", "c")),
    "unknown role": say(("narrator", "x")),
    "tool answer": say(("user", "a"), ("assistant", "b"), ("tool", "42"), ("user", "c")),
    "developer": say(("developer", "Be exact."), ("user", "a")),
    "nobody": [],
}


def template_files():
    folder = data_folder() / "tokenizers"
    found = {file.name: file.read_text() for file in sorted((folder / "chat-templates").glob("*.jinja"))}
    for config in sorted(folder.rglob("tokenizer_config.json")):
        template = json.loads(config.read_text()).get("chat_template")
        if template:
            found[str(config.relative_to(folder))] = template
    return found


def expected_of(template, messages, add_generation_prompt, bos="<BOS>", eos="<EOS>"):
    """The rendered text, or None where the template refuses."""
    try:
        rendered, _ = chat_utils.render_jinja_template(
            [messages], chat_template=template, add_generation_prompt=add_generation_prompt, bos_token=bos, eos_token=eos
        )
        return rendered[0]
    except (jinja2.exceptions.TemplateError, TypeError):
        return None


def compare(template, conversations):
    cases = [(messages, flag) for messages in conversations for flag in (False, True)]
    requests = [
        {"template": template, "bos": "<BOS>", "eos": "<EOS>", "messages": messages, "add_generation_prompt": flag}
        for messages, flag in cases
    ]
    rendered = 0
    for (messages, flag), answer in zip(cases, ask(requests)):
        expected = expected_of(template, messages, flag)
        if expected is None:
            assert "refused" in answer, messages
        else:
            assert answer.get("text") == expected, (messages, flag, answer)
            rendered += 1
    return rendered


TOOLS = """{%- set tools = [
    {"type": "function", "function": {
        "name": "weather", "description": "The weather of a place",
        "parameters": {"type": "object", "required": ["place"], "properties": {
            "place": {"type": "string", "description": " Where "},
            "days": {"type": ["integer", "string"], "description": "How many"},
            "limits": {"type": "object", "additionalProperties": {"type": "number"}, "description": "é"}}},
        "return": {"type": "string", "description": "What it is like"}}},
    {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}] -%}
"""


def insists_on_tools(name):
    return name.endswith("-tool_use.jinja")


def test_every_template_renders_as_in_transformers():
    templates = template_files()
    assert len(templates) >= 18
    for name, template in templates.items():
        rendered = compare(TOOLS * insists_on_tools(name) + template, CONVERSATIONS.values())
        # Gemma 2 refuses most of these conversations: it knows no system role.
        assert rendered >= 16, f"{name} rendered only {rendered}"


def test_template_that_insists_on_tools_is_refused_as_in_transformers():
    templates = {name: template for name, template in template_files().items() if insists_on_tools(name)}
    assert len(templates) == 2
    for template in templates.values():
        assert compare(template, CONVERSATIONS.values()) == 0
        (answer,) = ask([{"template": template, "messages": CONVERSATIONS["one question"]}])
        assert "'tools': None is not iterable" in answer["refused"]


def test_template_of_a_folder_uses_its_tokens(tmp_path):
    config = {
        "bos_token": {"content": "<B>", "special": True},
        "eos_token": "<E>",
        "chat_template": [
            {"name": "tool_use", "template": "wrong"},
            {"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"},
        ],
    }
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    (tmp_path / "tokenizer.json").write_text(
        json.dumps({"model": {"type": "WordLevel", "vocab": {"<E>": 0}, "unk_token": "<E>"}})
    )
    request = {"messages": CONVERSATIONS["one question"], "add_generation_prompt": False}
    assert ask([request], tmp_path) == [{"text": "<B>Hi<E>"}]
    (tmp_path / "chat_template.jinja").write_text("the file counts\n")
    assert ask([request], tmp_path) == [{"text": "the file counts"}]


# Each is compared with transformers on two conversations.
CONSTRUCTS = r"""
{{ 1 + 2 * 3 - 4 // 3 % 5 }} {{ 7 / 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 1e3 }} {{ 1.5e-7 }} {{ 0.1 + 0.2 }} {{ 1_000 }}
{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 'a' in 'abc' }} {{ 'x' not in ['a', 'b'] }} {{ not true and false or true }} {{ 1 == 1.0 }} {{ true == 1 }}
{{ 'a' ~ 1 ~ none ~ true ~ 1.0 ~ [1, 'x', none] ~ {'k': 'v', 'n': [1, (2, 3), (4,)]} }} {{ "it's" ~ ["it's", 'say "x"', 'b\\n\n\t\x07é\u200b'] }}
{{ messages|length }} {{ messages[-1].content|upper }} {{ messages[0]['role'][1:] }} {{ 'hello'[::-1] }} {{ 'hello'[-3:-1] }} {{ [1,2,3,4][1::2] }} {{ [1,2,3][5:] }}
{%- for m in messages -%} [{{ loop.index }}/{{ loop.length }} {{ loop.first }} {{ loop.last }} {{ loop.revindex0 }} {{ loop.cycle('a', 'b') }} {{ loop.previtem.role if loop.previtem is defined else '-' }} {{ loop.nextitem.role if not loop.last }}] {%- endfor %}
{% for a, b in {'x': 1, 'y': 2}.items() if b > 1 %}{{ a }}={{ b }}{% else %}none{% endfor %} {% for x in [] %}{% else %}empty{% endfor %} {% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }} {% set ns = namespace(n=0, s='') %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}
{% set a, b = 1, 'two' %}{{ a }}{{ b }} {% set block %}in {{ a }}side{% endset %}[{{ block }}] {% set f | upper | trim %} shout {% endset %}[{{ f }}]
{% macro greet(name, mark='!', end=mark) %}Hello {{ name }}{{ mark }}{{ end }}{% endmacro %}{{ greet('you') }} {{ greet(mark='?', name='me') }} {{ greet() }}
{% macro count(n) %}{% if n > 0 %}{{ n }}{{ count(n - 1) }}{% endif %}{% endmacro %}{{ count(5) }}
{{ missing }}[{{ missing is defined }}{{ missing is none }}{{ missing|default('d') }}{{ ''|default('e', true) }}{{ none|default('f') }}{{ missing|length }}{{ missing or 'alt' }}]
{{ [3, 1, 2]|sort|join(',') }} {{ ['b', 'A', 'c']|sort }} {{ ['b', 'A']|sort(case_sensitive=true, reverse=true) }} {{ [1, 2, 3]|first }}{{ [1, 2, 3]|last }} {{ [1, 2]|map('string')|list }} {{ messages|map(attribute='role')|join('-') }}
{{ messages|selectattr('role', 'equalto', 'user')|list|length }} {{ messages|rejectattr('role', 'eq', 'user')|map(attribute='content')|list }} {{ [1, 2, 3, 4]|select('even')|list }} {{ [1, 0, 2]|reject|list }} {{ range(6)|select('divisibleby', 3)|list }}
{{ {'b': 1, 'a': [1, {'c': none}], 'd': true, 'e': 1.5}|tojson }} {{ {'b': 1, 'a': []}|tojson(indent=2) }} {{ ['é', '"\\/', '<&>', '\n']|tojson }} {{ ['é😀']|tojson(ensure_ascii=true) }} {{ {'b': 1, 'a': 2}|tojson(sort_keys=true, separators=(',', ':')) }}
{{ '  x y '|trim }}| {{ 'xxaxx'.strip('x') }} {{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}| {{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a-b-c'.split('-', 1)[-1] }} {{ 'a-b-c'.rsplit('-', 1) }} {{ 'ab'.startswith('a') }} {{ 'ab'.endswith(('x', 'b')) }} {{ 'aXbX'.replace('X', '.', 1) }} {{ 'hello world'.title() }} {{ 'hELLO'.capitalize() }} {{ ', '.join(['a', 'b']) }} {{ 'banana'.count('an') }} {{ 'banana'.find('n') }}
{{ messages[0].get('role') }} {{ messages[0].get('x', 'y') }} {{ messages[0].keys()|list }} {{ messages[0].values()|list }} {{ messages[0]|items|list }} {{ {'b': 1, 'A': 2}|dictsort }} {{ messages[0].missing is undefined }} {{ messages[99] is undefined }}
{{ 'x' is string }}{{ 1 is number }}{{ true is number }}{{ 1 is integer }}{{ true is integer }}{{ 1.0 is float }}{{ [] is sequence }}{{ {} is mapping }}{{ {} is sequence }}{{ 'x' is iterable }}{{ none is none }}{{ 3 is odd }}{{ 4 is divisibleby 2 }}{{ 'a' is in ['a'] }}{{ true is true }}{{ 1 is true }}{{ 'a' is sameas 'a' }}{{ raise_exception is callable }}
{{ 'a' if true }}{{ 'a' if false }}{{ 'a' if false else 'b' if false else 'c' }} {{ (1, 2) }} {{ (1,) }} {{ () }} {{ 1, 2 }} {{ [1] + [2] }} {{ 'ab' * 2 }} {{ "a" "b" }} {{ 3|string + 'x' }} {{ '7'|int + 1 }} {{ 'x'|int(5) }} {{ '1.5'|float }} {{ 2.7|int }}
{{ strftime_now('%d %b %Y') }} {{ strftime_now('%A %B %d %Y %j') }} {{ 'a\nb\n\nc'|indent(2) }} {{ 'a\nb'|indent(2, true) }} {{ '<a & "b">'|e }} {{ 'x'|safe }} {{ [1, [2]]|string }} {{ 'abc'|replace('b', 'x') }} {{ 'abc'|reverse }} {{ [1, 2, 1]|unique|list }} {{ [1, 5, 2]|max }} {{ [1, 2]|sum }}
{% raw %}{{ not }} {% a %}{% endraw %} {# comment #} x {#- trimmed -#} y {% filter upper %}loud{% endfilter %} {% with q = 1, r = 2 %}{{ q + r }}{% endwith %}{{ q }} {% generation %}made{% endgeneration %}
{{ {'a': {'b': {}}} }} {{ {'x': 'y'}['x'] }} {{ {1: 'one'}[1] }} {{ [[1, 2], [3]][0][1] }} {{ 'a' 'b' ~ 'c' }} {{ tools is none }} {{ documents }} {{ add_generation_prompt }}{{ tools is defined }}{{ bos_token }}{{ eos_token }}
{% set ns = namespace(n=0) %}{% macro next() %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{% endmacro %}{{ {next(): next(), next(): next()} }} {{ 'abcdef'[next()|int - 4:next()|int] }} {{ next()|replace(next(), next()) }} {{ {next(): 1}[next()] is undefined }}
{{ (-9223372036854775807 - 1) is divisibleby(-1) }} {{ range(0, 9223372036854775807, 9223372036854775806)|list }} {{ 'abc'[::9223372036854775807] }} {{ [1, 2, 3][::-9223372036854775807] }}
{{ "\x41\u00e9\U0001F600\101\'\"\\ \q" }} {{ 'single "double"' }} {{ '漢字'|length }} {{ '漢字'[1] }} {{ 'ß'|upper }} {{ 'É'|lower }}
"""

WHITESPACE = [
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n",
    "a\n  {%- if true -%}\n  b\n  {%- endif -%}\nc\n\n",
    "  {%+ if true %}x{% endif +%}\n  y",
    "{% if true %}\n\n{% endif %}\n{{ 'x' }}\n\n",
    "{{- 'a' -}}\n {{ 'b' }} \n{{- 'c' }}  ",
    "x {# note #}\n  {# note #}\ny {#- z -#}  w",
    "a {% set x = 1 %}\n\t {% set y = 2 %} \n{{ x }}{{ y }}",
    "{% for i in range(2) %}\n  {{ i }}\n{% endfor %}\nend",
    "{%- raw -%}  {{ a }}  {%- endraw -%}  b",
    "{% raw %}\n {% b %}\n{% endraw %}\nc",
    "a\r\nb\rc\n",
    "\n\n",
    "",
    "\u00a0{%- if true %} x{% endif %}\u3000",
    "{{ 'a' }}\n{{ 'b' -}} \n\n c",
]


def test_constructs_render_as_in_jinja():
    templates = [line for line in CONSTRUCTS.strip().split("\n")] + WHITESPACE
    conversations = [CONVERSATIONS["system and two turns"], CONVERSATIONS["many scripts"]]
    for template in templates:
        assert compare(template, conversations) == 4, template


@pytest.mark.parametrize(
    "template",
    [
        "{{ missing.x }}",
        "{{ missing + 1 }}",
        "{{ missing() }}",
        "{{ 'a' + 1 }}",
        "{{ 1 < 'a' }}",
        "{% for x in none %}{% endfor %}",
        "{{ none|length }}",
        "{{ raise_exception('no') }}",
        "{{ 1 // 0 }}",
        "{% set a, b = [1] %}",
        "{{ messages[0].role.x.y }}",
    ],
)
def test_what_python_refuses_is_refused(template):
    messages = CONVERSATIONS["one question"]
    try:
        chat_utils.render_jinja_template([messages], chat_template=template)
    except Exception:
        (answer,) = ask([{"template": template, "messages": messages, "add_generation_prompt": False}])
        assert "refused" in answer
    else:
        pytest.fail("the reference renders this")


@pytest.mark.parametrize(
    "template, complaint",
    [
        ("a\n{% if x %}", "line 2"),
        ("a\n\n{{ x", "line 3"),
        ("{{ x | nosuch }}", "the filter 'nosuch' is not supported"),
        ("{{ x is nosuch }}", "the test 'nosuch' is not supported"),
        ("\n{% include 'x' %}", "line 2: the statement 'include' is not supported"),
        ("{% call f() %}{% endcall %}", "the statement 'call' is not supported"),
        ("{{ 'x'.format(1) }}", "the method 'format' is not supported"),
        ("{{ f(*args) }}", "'*' before an argument is not supported"),
        ("{% for x in y recursive %}{% endfor %}", "'recursive' loops are not supported"),
        ("{% endif %}", "the statement 'endif' is not supported"),
        ("{{ 'open }}", "a string without its closing quote"),
        ("{{ (1, 2 }}", "line 1"),
        ("{{ 1 ! 2 }}", "the character '!'"),
        ("{# open", "a comment without '#}'"),
        ("{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "nested too deeply"),
        ("{% if a %}" * 500, "nested too deeply"),
        ("{{ a" + ".b" * 100000 + " }}", "nested too deeply"),
        ("{{ " + "1 + " * 100000 + "1 }}", "nested too deeply"),
        ("{{ 1e300 | int }}", "an integer leaves its range"),
    ],
)
def test_what_cannot_be_rendered_is_named_with_its_line(template, complaint):
    (answer,) = ask([{"template": template, "messages": [], "add_generation_prompt": False}])
    assert complaint in answer["refused"]
    assert "\n" not in answer["refused"]
