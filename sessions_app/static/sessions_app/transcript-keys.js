// The keyboard: j and k through the messages, and the other keys that "?" lists.

const root = document.querySelector("[data-agent-sessions-transcript]");
const log = document.getElementById("agent-sessions-log");
const dialog = root.querySelector("[data-keys-dialog]");
const button = root.querySelector("[data-keys]");
const query = document.getElementById("agent-sessions-query");

const JUMPS = { g: "start", G: "end", e: "next-error", E: "previous-error", t: "next-tool", n: "next-match", N: "previous-match" };

function step(by) {
    const items = [...log.querySelectorAll("article[data-item]")];
    const now = document.activeElement?.closest("article[data-item]");
    let index = items.indexOf(now);
    if (index < 0) {
        const inSight = items.findIndex((item) => item.getBoundingClientRect().bottom > 80);
        index = by > 0 ? inSight - 1 : inSight;
    }
    const next = items[Math.min(items.length - 1, Math.max(0, index + by))];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
}

function fold() {
    const item = document.activeElement?.closest("[data-item]");
    const folds = [...(item?.querySelectorAll(".agent-sessions-fold, .agent-sessions-tool-call") ?? [])];
    const isOpen = folds.some((element) => element.open);
    folds.forEach((element) => (element.open = !isOpen));
    // What had the focus may be folded away now.
    item?.focus({ preventScroll: true });
}

const ACTIONS = {
    j: () => step(1),
    k: () => step(-1),
    o: fold,
    "/": () => {
        query.focus();
        query.select();
    },
    "?": () => dialog.showModal(),
};

function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || isTyping(event.target)) {
        if (event.key === "Escape" && event.target === query) {
            query.blur();
        }
        return;
    }
    if (event.key in JUMPS) {
        event.preventDefault();
        root.dispatchEvent(new CustomEvent("agent-sessions:jump", { detail: JUMPS[event.key] }));
    } else if (event.key in ACTIONS) {
        event.preventDefault();
        ACTIONS[event.key]();
    }
});
button.hidden = false;
button.addEventListener("click", () => dialog.showModal());

addEventListener("beforeprint", () => log.querySelectorAll("details:not(.agent-sessions-menu, .agent-sessions-original)").forEach((element) => (element.open = true)));
