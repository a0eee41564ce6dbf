#include "evoke/text/chat_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evoke/core/error.hpp"
#include "support/temporary_folder.hpp"

namespace evoke::text {
namespace {

using ::testing::HasSubstr;

const std::vector<Message> conversation{{"system", "Be brief."}, {"user", "Hi"}};

std::string rendered(std::string_view source, bool add_generation_prompt = false) {
    return ChatTemplate{source, {"<s>", "</s>"}}.render(conversation, add_generation_prompt);
}

std::string load_complaint(std::string_view source) {
    try {
        const ChatTemplate chat{source};
    } catch (const LoadError& error) {
        return error.what();
    }
    return {};
}

std::string render_complaint(std::string_view source) {
    try {
        rendered(source);
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

TEST(ChatTemplate, renders_messages_tokens_and_the_generation_prompt) {
    const auto chatml = R"({{ bos_token }}{% for message in messages %}
<|{{ message['role'] }}|>
{{ message.content }}{{ eos_token }}
{% endfor %}
{% if add_generation_prompt %}
<|assistant|>
{% endif %}
)";
    EXPECT_EQ(rendered(chatml), "<s><|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n");
    EXPECT_EQ(rendered(chatml, true),
              "<s><|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n");
}

TEST(ChatTemplate, namespaces_carry_values_out_of_loops) {
    EXPECT_EQ(rendered("{% set ns = namespace(n=0) %}{% for m in messages %}"
                       "{% set ns.n = ns.n + m.content|length %}{% endfor %}{{ ns.n }}"),
              "11");
    EXPECT_EQ(rendered("{% set n = 0 %}{% for m in messages %}{% set n = 5 %}{% endfor %}{{ n }}"),
              "0");
}

TEST(ChatTemplate, macros_take_defaults_and_names) {
    EXPECT_EQ(
        rendered("{% macro f(a, b='x') %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(b=2, a=3) }}"),
        "1x32");
}

TEST(ChatTemplate, tools_and_documents_are_none) {
    EXPECT_EQ(rendered("{{ tools is none }}{{ documents is none }}{{ x is defined }}"),
              "TrueTrueFalse");
    EXPECT_EQ(render_complaint("{% for tool in tools %}{% endfor %}"),
              "the chat template cannot render these messages: line 1: 'tools': None is not "
              "iterable");
}

TEST(ChatTemplate, operands_are_evaluated_from_left_to_right) {
    const std::string next =
        "{% set ns = namespace(n=0) %}{% macro next() %}{% set ns.n = ns.n + 1 %}{{ ns.n }}"
        "{% endmacro %}";
    EXPECT_EQ(rendered(next + "{{ {next(): next()} }}"), "{'1': '2'}");
    EXPECT_EQ(rendered(next + "{{ {'1': 'a', '2': 'b'}[next()] }}{{ next()|default(next()) }}"),
              "a2");
    EXPECT_EQ(rendered(next + "{{ [next(), next()][next()|int - 3] }}"), "1");
    EXPECT_EQ(rendered(next + "{{ 'abcdef'[next()|int:next()|int + 1] }}"), "bc");
}

TEST(ChatTemplate, the_date_is_always_the_same) {
    EXPECT_EQ(rendered("{{ strftime_now('%d %b %Y, %A') }}"), "26 Jul 2024, Friday");
}

TEST(ChatTemplate, a_token_that_the_checkpoint_lacks_is_undefined) {
    EXPECT_EQ(ChatTemplate{"{{ bos_token is defined }}[{{ bos_token }}]"}.render({}, false),
              "False[]");
}

TEST(ChatTemplate, a_template_may_refuse) {
    EXPECT_EQ(render_complaint("{{ raise_exception('roles must alternate') }}"),
              "the chat template refuses these messages: roles must alternate");
    EXPECT_EQ(render_complaint("{{ raise_exception('two\\nlines') }}"),
              "the chat template refuses these messages: two lines");
}

TEST(ChatTemplate, what_cannot_be_computed_names_its_line) {
    EXPECT_EQ(render_complaint("a\n{{ nothing.at.all }}"),
              "the chat template cannot render these messages: line 2: 'nothing' is undefined");
    EXPECT_THAT(render_complaint("{% if true %}\n\n{{ 'a' + 1 }}{% endif %}"),
                HasSubstr("line 3: str + int has no meaning"));
    EXPECT_THAT(render_complaint("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
                HasSubstr("too deeply"));
    EXPECT_THAT(render_complaint("{{ range(1000000000) }}"), HasSubstr("more than 262144 items"));
    EXPECT_THAT(render_complaint("{{ 'ab' * 1000000000 }}"),
                HasSubstr("more than 8388608 bytes of text"));
    EXPECT_THAT(render_complaint("{{ 9223372036854775807 + 1 }}"), HasSubstr("leaves its range"));
    EXPECT_THAT(render_complaint("{{ 1e300|int }}"), HasSubstr("leaves its range"));
    EXPECT_THAT(render_complaint("{{ (-9223372036854775807 - 1)|abs }}"),
                HasSubstr("leaves its range"));
    EXPECT_THAT(render_complaint("{{ messages[0].get() }}"), HasSubstr("'key' is missing"));
}

TEST(ChatTemplate, the_ends_of_the_integers_can_be_computed_with) {
    EXPECT_EQ(rendered("{{ (-9223372036854775807 - 1) is divisibleby(-1) }}"), "True");
    EXPECT_EQ(rendered("{{ range(0, 9223372036854775807, 9223372036854775806)|list }}"),
              "[0, 9223372036854775806]");
    EXPECT_EQ(rendered("{{ 'abc'[::9223372036854775807] }}"), "a");
    EXPECT_EQ(rendered("{{ 'abc'[::-9223372036854775807] }}"), "c");
}

TEST(ChatTemplate, a_long_chain_is_refused_before_it_exhausts_the_stack) {
    std::string sum = "{{ 1";
    std::string members = "{{ messages";
    for (int i = 0; i < 100'000; ++i) {
        sum += " + 1";
        members += ".x";
    }
    EXPECT_THAT(load_complaint(sum + " }}"), HasSubstr("nested too deeply"));
    EXPECT_THAT(load_complaint(members + " }}"), HasSubstr("nested too deeply"));
}

TEST(ChatTemplate, what_is_not_supported_names_its_line_and_the_construct) {
    EXPECT_EQ(load_complaint("a\nb\n{% import 'x' as y %}"),
              "template: chat template, line 3: the statement 'import' is not supported");
    EXPECT_EQ(load_complaint("{{ x|urlize }}"),
              "template: chat template, line 1: the filter 'urlize' is not supported");
    EXPECT_THAT(load_complaint("{% for x in y %}"), HasSubstr("expected 'endfor', found the end"));
    EXPECT_THAT(load_complaint("{{ a b }}"), HasSubstr("expected '}}', found 'b'"));
    EXPECT_THAT(load_complaint("{% break %}"), HasSubstr("'break' outside of a loop"));
    EXPECT_THAT(load_complaint("\xFF"), HasSubstr("not UTF-8"));
}

TEST(LoadChatTemplate, a_file_of_its_own_comes_before_the_settings) {
    const test::TemporaryFolder folder;
    EXPECT_FALSE(load_chat_template(folder.path()).has_value());
    folder.write(
        "tokenizer_config.json",
        R"({"bos_token": {"content": "<b>"}, "chat_template": "{{ bos_token }}settings"})");
    EXPECT_EQ(load_chat_template(folder.path())->render({}, false), "<b>settings");
    folder.write("chat_template.jinja", "{{ bos_token }}file");
    EXPECT_EQ(load_chat_template(folder.path())->render({}, false), "<b>file");
}

TEST(LoadChatTemplate, of_named_templates_the_default_is_meant) {
    const test::TemporaryFolder folder;
    folder.write("tokenizer_config.json", R"({"chat_template": [
        {"name": "rag", "template": "no"}, {"name": "default", "template": "yes"}]})");
    EXPECT_EQ(load_chat_template(folder.path())->render({}, false), "yes");
    folder.write("tokenizer_config.json",
                 R"({"chat_template": [{"name": "rag", "template": "no"}]})");
    EXPECT_THROW((void)load_chat_template(folder.path()), LoadError);
}

TEST(LoadChatTemplate, a_mistake_names_the_file) {
    const test::TemporaryFolder folder;
    folder.write("chat_template.jinja", "\n{% nonsense %}");
    try {
        (void)load_chat_template(folder.path());
        FAIL();
    } catch (const LoadError& error) {
        EXPECT_THAT(error.what(), HasSubstr("chat_template.jinja: chat template, line 2: the "
                                            "statement 'nonsense' is not supported"));
    }
}

TEST(ChatTemplate, endless_work_is_given_up) {
    EXPECT_THAT(render_complaint("{% for a in range(200000) %}{% for b in range(200000) %}"
                                 "{% endfor %}{% endfor %}"),
                HasSubstr("the template asks for too much work"));
    EXPECT_THAT(render_complaint("{% set ns = namespace(t='x') %}{% for a in range(60) %}"
                                 "{% set ns.t = ns.t ~ ns.t %}{% endfor %}"),
                HasSubstr("more than 8388608 bytes of text"));
    EXPECT_THAT(render_complaint("{% set ns = namespace(t=[1]) %}{% for a in range(60) %}"
                                 "{% set ns.t = ns.t + ns.t %}{% endfor %}"),
                HasSubstr("more than 262144 items"));
    EXPECT_THAT(render_complaint("{% set ns = namespace(t=[1]) %}{% for a in range(60) %}"
                                 "{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t }}"),
                HasSubstr("bytes of text"));
    EXPECT_THAT(render_complaint("{{ ('a' * 8000000)|replace('a', 'b' * 1000) }}"),
                HasSubstr("more than 8388608 bytes of text"));
    EXPECT_THAT(render_complaint("{{ range(200000)|unique|list|length }}"),
                HasSubstr("the template asks for too much work"));
}

TEST(ChatTemplate, values_that_could_not_be_walked_are_refused) {
    EXPECT_THAT(render_complaint("{% set ns = namespace(t=[1]) %}{% for a in range(100000) %}"
                                 "{% set ns.t = [ns.t] %}{% endfor %}{{ ns.t }}"),
                HasSubstr("values are nested too deeply"));
    EXPECT_THAT(render_complaint("{% set ns = namespace(t={}) %}{% for a in range(100000) %}"
                                 "{% set ns.t = {'f': ns.t.get} %}{% endfor %}"),
                HasSubstr("values are nested too deeply"));
    EXPECT_THAT(render_complaint("{% set ns = namespace() %}{% set ns.self = [ns] %}"),
                HasSubstr("a namespace inside a namespace is not supported"));
}

TEST(ChatTemplate, a_methods_arguments_are_never_ignored) {
    EXPECT_THAT(render_complaint("{{ 'banana'.find('a', 2) }}"),
                HasSubstr("the method 'find' with 2 arguments is not supported"));
    EXPECT_EQ(rendered("{{ 'a-b-c'.split('-', 1)[1] }}{{ 'aaa'.replace('a', 'b', 2) }}"), "b-cbba");
}

}  // namespace
}  // namespace evoke::text
