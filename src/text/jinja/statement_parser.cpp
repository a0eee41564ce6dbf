#include <algorithm>

#include "text/jinja/parser.hpp"

namespace evoke::text::jinja {

namespace {

constexpr int deepest = 100;

class StatementParser {
public:
    explicit StatementParser(std::string_view source) : reader_{tokenize(source)} {}

    Block whole() {
        Block block = until({});
        if (!reader_.sees(TokenKind::end)) reader_.unexpected("the end of the template");
        return block;
    }

private:
    /// Everything up to a statement tag whose name is among `ends`; that tag's name is the next
    /// token.
    Block until(std::initializer_list<std::string_view> ends) {
        if (++depth_ > deepest) reader_.fail("the statements are nested too deeply");
        Block block;
        while (!reader_.sees(TokenKind::end)) {
            const std::size_t line = reader_.peek().line;
            if (reader_.sees(TokenKind::data)) {
                block.add(std::make_unique<Data>(line, reader_.take().text));
            } else if (reader_.sees(TokenKind::expression_begin)) {
                block.add(print(line));
            } else {
                reader_.expect(TokenKind::statement_begin, "a tag");
                if (!reader_.sees(TokenKind::name)) reader_.unexpected("the name of a statement");
                const std::string& name = reader_.peek().text;
                if (std::find(ends.begin(), ends.end(), name) != ends.end()) {
                    --depth_;
                    return block;
                }
                block.add(statement(line));
            }
        }
        if (ends.size() > 0) reader_.unexpected("'" + std::string{*(ends.end() - 1)} + "'");
        --depth_;
        return block;
    }

    void end_of_tag() { reader_.expect(TokenKind::statement_end, "'%}'"); }

    /// The closing tag of a pair, whose body has just been read.
    void close(std::string_view name) {
        reader_.expect_name(name);
        end_of_tag();
    }

    std::unique_ptr<const Statement> print(std::size_t line) {
        reader_.take();
        auto node = std::make_unique<Print>(line);
        node->expression = expressions_.tuple_or_expression();
        reader_.expect(TokenKind::expression_end, "'}}'");
        return node;
    }

    std::unique_ptr<const Statement> statement(std::size_t line) {
        const std::string name = reader_.peek().text;
        if (name == "if") return if_statement(line);
        if (name == "for") return for_statement(line);
        if (name == "set") return set_statement(line);
        if (name == "macro") return macro(line);
        if (name == "filter") return filter_block(line);
        if (name == "with") return with(line);
        if (name == "generation") return generation(line);
        if (name == "break" || name == "continue") return jump(line);
        reader_.fail("the statement '" + name + "' is not supported");
    }

    std::unique_ptr<const Statement> if_statement(std::size_t line) {
        auto node = std::make_unique<If>(line);
        do {
            reader_.take();
            ExpressionPtr condition = expressions_.tuple_or_expression();
            end_of_tag();
            node->branches.emplace_back(std::move(condition), until({"elif", "else", "endif"}));
        } while (reader_.sees_name("elif"));
        if (reader_.accept_name("else")) {
            end_of_tag();
            node->otherwise = until({"endif"});
        }
        close("endif");
        return node;
    }

    struct Targets {
        std::vector<std::string> names;
        bool unpack = false;
    };

    Targets targets() {
        Targets found;
        const bool parenthesis = reader_.accept_sign("(");
        found.names.push_back(reader_.expect_identifier("a name"));
        while (reader_.accept_sign(",")) {
            found.unpack = true;
            if (!reader_.sees(TokenKind::name) || reader_.sees_name("in")) break;
            found.names.push_back(reader_.expect_identifier("a name"));
        }
        if (parenthesis) reader_.expect_sign(")");
        return found;
    }

    std::unique_ptr<const Statement> for_statement(std::size_t line) {
        reader_.take();
        auto node = std::make_unique<For>(line);
        Targets found = targets();
        node->targets = std::move(found.names);
        node->unpack = found.unpack;
        reader_.expect_name("in");
        node->iterable = expressions_.expression_before_if();
        if (reader_.accept_name("if")) node->condition = expressions_.expression();
        if (reader_.sees_name("recursive")) reader_.fail("'recursive' loops are not supported");
        end_of_tag();
        ++loops_;
        node->body = until({"else", "endfor"});
        --loops_;
        if (reader_.accept_name("else")) {
            end_of_tag();
            node->otherwise = until({"endfor"});
        }
        close("endfor");
        return node;
    }

    std::unique_ptr<const Statement> set_statement(std::size_t line) {
        reader_.take();
        auto node = std::make_unique<Set>(line);
        Targets found = targets();
        if (!found.unpack && reader_.accept_sign(".")) {
            node->member = reader_.expect_identifier("the name of a member");
        }
        if (reader_.accept_sign("=")) {
            node->targets = std::move(found.names);
            node->unpack = found.unpack;
            node->value = expressions_.tuple_or_expression();
            end_of_tag();
            return node;
        }
        if (found.unpack || node->member) reader_.unexpected("'='");
        auto block = std::make_unique<Capture>(line);
        block->target = found.names.front();
        while (reader_.accept_sign("|")) block->filters.push_back(expressions_.filter());
        end_of_tag();
        block->body = until({"endset"});
        close("endset");
        return block;
    }

    std::unique_ptr<const Statement> filter_block(std::size_t line) {
        reader_.take();
        auto block = std::make_unique<Capture>(line);
        do {
            block->filters.push_back(expressions_.filter());
        } while (reader_.accept_sign("|"));
        end_of_tag();
        block->body = until({"endfilter"});
        close("endfilter");
        return block;
    }

    std::unique_ptr<const Statement> with(std::size_t line) {
        reader_.take();
        auto node = std::make_unique<With>(line);
        while (!reader_.sees(TokenKind::statement_end)) {
            if (!node->values.empty()) reader_.expect_sign(",");
            std::string name = reader_.expect_identifier("a name");
            reader_.expect_sign("=");
            node->values.emplace_back(std::move(name), expressions_.expression());
        }
        end_of_tag();
        node->body = until({"endwith"});
        close("endwith");
        return node;
    }

    std::unique_ptr<const Statement> macro(std::size_t line) {
        reader_.take();
        auto node = std::make_unique<Macro>(line);
        node->name = reader_.expect_identifier("the name of the macro");
        reader_.expect_sign("(");
        while (!reader_.accept_sign(")")) {
            if (!node->parameters.empty()) {
                reader_.expect_sign(",");
                if (reader_.accept_sign(")")) break;
            }
            std::string name = reader_.expect_identifier("the name of an argument");
            ExpressionPtr fallback;
            if (reader_.accept_sign("=")) fallback = expressions_.expression();
            node->parameters.emplace_back(std::move(name), std::move(fallback));
        }
        end_of_tag();
        const int outer_loops = std::exchange(loops_, 0);
        node->body = until({"endmacro"});
        loops_ = outer_loops;
        reader_.expect_name("endmacro");
        reader_.accept_name(node->name);
        end_of_tag();
        return node;
    }

    std::unique_ptr<const Statement> generation(std::size_t line) {
        reader_.take();
        end_of_tag();
        auto node = std::make_unique<Group>(line);
        node->body = until({"endgeneration"});
        close("endgeneration");
        return node;
    }

    std::unique_ptr<const Statement> jump(std::size_t line) {
        if (loops_ == 0) reader_.fail("'" + reader_.peek().text + "' outside of a loop");
        const bool leave = reader_.take().text == "break";
        end_of_tag();
        return std::make_unique<Jump>(line, leave ? Flow::leave_loop : Flow::next_round);
    }

    TokenReader reader_;
    ExpressionParser expressions_{reader_};
    int loops_ = 0;
    int depth_ = 0;
};

}  // namespace

Block parse(std::string_view source) {
    return StatementParser{source}.whole();
}

}  // namespace evoke::text::jinja
