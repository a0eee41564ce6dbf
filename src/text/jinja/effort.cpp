#include "text/jinja/effort.hpp"

#include "text/jinja/value.hpp"

namespace evoke::text::jinja {

namespace {

constexpr std::size_t whole = std::size_t{1} << 27U;
thread_local Effort* current = nullptr;

}  // namespace

Effort::Effort() : left_{whole}, outer_{current} {
    current = this;
}

Effort::~Effort() {
    current = outer_;
}

void Effort::spend(std::size_t units) {
    if (current == nullptr) return;
    if (units > current->left_) throw RenderError{"the template asks for too much work"};
    current->left_ -= units;
}

void Effort::spend_on_search(std::string_view text, std::string_view part) {
    // Texts are compared sixteen bytes at a time.
    spend(text.size() * (1 + part.size() / 16));
}

void require_length(std::size_t size, std::size_t longest) {
    if (size > longest) {
        throw RenderError{"more than " + std::to_string(longest) +
                          (longest == longest_list ? " items" : " bytes of text")};
    }
}

void grow(std::string& text, std::string_view more) {
    require_length(text.size() + more.size(), longest_text);
    text += more;
}

}  // namespace evoke::text::jinja
