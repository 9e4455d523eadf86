// Jumps (start, end, errors, tool calls) and finding words: the server knows where, this page goes there.

const root = document.querySelector("[data-agent-sessions-transcript]");
const log = document.getElementById("agent-sessions-log");
const live = root.querySelector("[data-live]");
const form = root.querySelector("[data-find]");
const WAIT = 300;
/** The position of the last match that was shown. */
let match = null;

/** The message or run that the reader is at: the focused one, else the first that is in sight. */
function here() {
    const focused = document.activeElement?.closest("[data-position], [data-item]");
    if (focused && log.contains(focused)) {
        return focused;
    }
    const items = [...log.querySelectorAll("[data-item]")];
    return items.find((item) => item.getBoundingClientRect().bottom > 80);
}

function placeOf(item, target) {
    const place = {};
    const run = item?.closest("[data-run-position]");
    if (item?.dataset.position !== undefined) {
        place.from = item.dataset.position;
    } else if (run) {
        const next = run.querySelector("[data-position]");
        place.from = next ? Number(next.dataset.position) - (target.startsWith("next") ? 1 : 0) : undefined;
    }
    if (run && target.endsWith("error")) {
        place.from_run = run.dataset.runPosition;
    }
    return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined && value >= -1));
}

function isFresh() {
    return !log.contains(document.activeElement);
}

async function ask(target, extra = {}) {
    // Who has not moved yet means the first of all, which may stand right at the top.
    const start = isFresh() && target.startsWith("next") && window.scrollY < 200 && !log.querySelector('[data-more="before"]') ? {} : placeOf(here(), target);
    const query = new URLSearchParams({ to: target, ...start, ...extra });
    new URLSearchParams(root.dataset.kept).forEach((value, name) => query.set(name, value));
    const response = await fetch(`${root.dataset.jump}?${query}`, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!response.ok) {
        throw new Error(response.statusText);
    }
    return response.json();
}

function say(text) {
    root.dispatchEvent(new CustomEvent("agent-sessions:say", { detail: text }));
}

function goTo(answer, stays = false) {
    if (answer.anchor) {
        root.dispatchEvent(new CustomEvent("agent-sessions:go", { detail: { ...answer, stays } }));
    }
    return Boolean(answer.anchor);
}

async function jump(target) {
    try {
        if (!goTo(await ask(target))) {
            say(live.dataset.nothing);
        }
    } catch {
        say(live.dataset.failed);
    }
}

function words() {
    return form.elements.q.value.trim();
}

function countText(answer) {
    const name = answer.count === 0 ? "none" : answer.more ? "more" : "template";
    const template = form.querySelector(`[data-count-${name}]`).innerHTML.trim();
    return template.replace("{number}", answer.number).replace("{count}", answer.count);
}

/** Go to a match; the first one while its reader is still typing. */
async function find(target, isTyping = false) {
    const query = words();
    const count = form.querySelector("[data-count]");
    mark();
    if (!query) {
        count.textContent = "";
        return;
    }
    try {
        const start = isTyping ? { from: -1 } : isFresh() && match !== null ? { from: match } : {};
        const answer = await ask(target, { q: query, ...start });
        if (query !== words()) {
            return;
        }
        if (!goTo(answer, isTyping) && answer.count) {
            say(live.dataset.nothing);
            return;
        }
        match = answer.count ? answer.anchor.replace("m-", "") : null;
        count.textContent = countText(answer);
        say(count.textContent);
    } catch {
        say(live.dataset.failed);
    }
}

function unmark() {
    log.querySelectorAll("mark").forEach((element) => {
        const parent = element.parentNode;
        element.replaceWith(...element.childNodes);
        parent.normalize();
    });
}

function textsOf(needle) {
    const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT, {
        acceptNode: (node) =>
            node.parentElement.closest(".agent-sessions-bubble, .agent-sessions-result") && node.data.toLowerCase().includes(needle)
                ? NodeFilter.FILTER_ACCEPT
                : NodeFilter.FILTER_SKIP,
    });
    const found = [];
    while (walker.nextNode()) {
        found.push(walker.currentNode);
    }
    return found;
}

/** Mark the words in what is on the page. */
function mark() {
    unmark();
    const needle = words().toLowerCase();
    if (!needle) {
        return;
    }
    for (const first of textsOf(needle)) {
        let node = first;
        for (let at = node.data.toLowerCase().indexOf(needle); at >= 0; at = node.data.toLowerCase().indexOf(needle)) {
            const match = node.splitText(at);
            node = match.splitText(Math.min(needle.length, match.length));
            const element = document.createElement("mark");
            match.replaceWith(element);
            element.append(match);
        }
    }
}

let timer;
form.elements.q.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => find("next-match", true), WAIT);
});
form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    find("next-match");
});
root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-to], [data-match]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) {
        return;
    }
    event.preventDefault();
    root.dispatchEvent(new CustomEvent("agent-sessions:jump", { detail: link.dataset.to ?? link.dataset.match }));
});
root.addEventListener("agent-sessions:jump", ({ detail }) => (detail.endsWith("match") ? find(detail) : jump(detail)));
root.addEventListener("agent-sessions:shown", mark);
mark();
