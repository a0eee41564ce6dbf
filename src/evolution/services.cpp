#include "evoke/evolution/services.hpp"

#include <map>
#include <stdexcept>

namespace evoke::evolution {

namespace {

/// Waits until everything of `places` came back, and puts each result in its place.
template <class Happened, class Result>
std::vector<Result> collect(Services& services, std::map<Ticket, std::size_t> places,
                            Result Happened::*part) {
    std::vector<Result> results(places.size());
    while (!places.empty()) {
        Event event = services.wait();
        auto* happened = std::get_if<Happened>(&event);
        const auto place = happened ? places.find(happened->ticket) : places.end();
        if (place == places.end())
            throw std::logic_error{"a service handed back something that was not asked for"};
        results[place->second] = std::move(happened->*part);
        places.erase(place);
    }
    return results;
}

}  // namespace

std::vector<std::vector<population::Outcome>> Services::evaluate(
    std::span<const population::Genome> genomes, const population::Block& block) {
    std::map<Ticket, std::size_t> places;
    for (std::size_t i = 0; i < genomes.size(); ++i) places.emplace(submit(genomes[i], block), i);
    return collect(*this, std::move(places), &Evaluated::outcomes);
}

std::vector<Reply> Services::ask(std::span<const MetaPrompt> prompts) {
    std::map<Ticket, std::size_t> places;
    for (std::size_t i = 0; i < prompts.size(); ++i) places.emplace(submit(prompts[i]), i);
    return collect(*this, std::move(places), &Answered::reply);
}

std::vector<Reply> Services::continue_all(std::span<const population::ContinueUnit> units) {
    std::map<Ticket, std::size_t> places;
    for (std::size_t i = 0; i < units.size(); ++i) places.emplace(submit(units[i]), i);
    return collect(*this, std::move(places), &Answered::reply);
}

}  // namespace evoke::evolution
