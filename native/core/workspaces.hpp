// Memory to work in, handed from strip to strip: as many pieces of it as threads ask for at once.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace nearfar {

// Workspace is made from a Plan, which outlives it.
template <class Plan, class Workspace>
class Workspaces {
public:
    explicit Workspaces(const Plan& plan) : plan_(plan) {}

    std::unique_ptr<Workspace> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                std::unique_ptr<Workspace> workspace = std::move(free_.back());
                free_.pop_back();
                return workspace;
            }
        }
        return std::make_unique<Workspace>(plan_);
    }

    void give_back(std::unique_ptr<Workspace> workspace) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(workspace));
    }

private:
    const Plan& plan_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Workspace>> free_;
};

}  // namespace nearfar
