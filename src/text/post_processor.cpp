#include "text/post_processor.hpp"

#include <utility>

#include "text/vocabulary.hpp"

namespace evoke::text {

PostProcessor::PostProcessor(const JsonPart& part) {
    add(part);
}

void PostProcessor::add(const JsonPart& part) {
    const std::string type = part.text("type");
    if (type == "Sequence") {
        part.allow_only({"type", "processors"});
        for (const JsonPart& item : part.at("processors").items()) add(item);
    } else if (type == "TemplateProcessing") {
        add_template(part);
    } else if (type == "BertProcessing" || type == "RobertaProcessing") {
        add_pair(part);
    } else if (type == "ByteLevel") {
        // It only corrects offsets.
        part.allow_only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
    } else {
        part.fail("the post-processor '" + type + "' is not supported");
    }
}

void PostProcessor::add_template(const JsonPart& part) {
    part.allow_only({"type", "single", "pair", "special_tokens"});
    Around around;
    bool text_seen = false;
    for (const JsonPart& piece : part.at("single").items()) {
        piece.allow_only({"Sequence", "SpecialToken"});
        if (const auto sequence = piece.find("Sequence")) {
            if (sequence->text("id") != "A" || text_seen) {
                sequence->fail("a template must contain the sequence A once");
            }
            text_seen = true;
            continue;
        }
        const JsonPart special = part.at("special_tokens").at(piece.at("SpecialToken").text("id"));
        for (const JsonPart& id : special.at("ids").items()) {
            auto& side = text_seen ? around.after : around.before;
            side.push_back(static_cast<TokenId>(id.index(largest_token_id)));
        }
    }
    if (!text_seen) part.at("single").fail("a template must contain the sequence A once");
    steps_.push_back(std::move(around));
}

void PostProcessor::add_pair(const JsonPart& part) {
    part.allow_only({"type", "sep", "cls", "trim_offsets", "add_prefix_space"});
    const auto id_of = [&](std::string_view key) {
        const auto pair = part.at(key).items();
        if (pair.size() != 2) part.at(key).expected("[token, id]");
        return static_cast<TokenId>(pair[1].index(largest_token_id));
    };
    steps_.push_back({{id_of("cls")}, {id_of("sep")}});
}

std::vector<TokenId> PostProcessor::apply(std::vector<TokenId> ids) const {
    for (const Around& step : steps_) {
        ids.insert(ids.begin(), step.before.begin(), step.before.end());
        ids.insert(ids.end(), step.after.begin(), step.after.end());
    }
    return ids;
}

}  // namespace evoke::text
