// Loads the pieces of a long transcript as they come into view, and brings the reader to a place.
// Others ask for a place with the event "agent-sessions:go" on the transcript's element.

const root = document.querySelector("[data-agent-sessions-transcript]");
const log = document.getElementById("agent-sessions-log");
const live = root.querySelector("[data-live]");
const SEEN_EARLY = "800px";

/** Tell everybody, also those who listen instead of looking. */
function announce(text) {
    live.textContent = text;
    clearTimeout(announce.timer);
    announce.timer = setTimeout(() => (live.textContent = ""), 4000);
}

async function fetchHTML(url) {
    const response = await fetch(url, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
    if (!response.ok) {
        throw new Error(response.statusText);
    }
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    return [...parsed.body.childNodes].map((node) => document.adoptNode(node));
}

function elementsOf(nodes) {
    return nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE);
}

/** What both pieces say at their seam is said once. */
function sew(upper, lower) {
    const days = upper.flatMap((node) => [...(node.matches(".agent-sessions-day") ? [node] : node.querySelectorAll(".agent-sessions-day"))]);
    const lastDay = days.at(-1);
    const firstDay = lower.find((node) => node.matches(".agent-sessions-day"));
    if (lastDay && firstDay && lastDay.dataset.day === firstDay.dataset.day) {
        firstDay.remove();
    }
    const lastGroup = upper.filter((node) => node.matches(".agent-sessions-group")).at(-1);
    const firstGroup = lower.find((node) => node.matches(".agent-sessions-group"));
    if (lastGroup?.dataset.run && lastGroup.dataset.run === firstGroup?.dataset.run) {
        firstGroup.querySelector(".agent-sessions-continued")?.remove();
    }
}

async function more(link) {
    const isBefore = link.dataset.more === "before";
    const place = link.closest(".agent-sessions-more");
    const added = elementsOf(await fetchHTML(`${root.dataset.piece}?${link.dataset.query}`));
    const opposite = isBefore ? "after" : "before";
    const kept = added.filter((node) => !node.querySelector(`[data-more="${opposite}"]`));
    const there = [...log.children].filter((node) => node !== place);
    const mark = isBefore ? place.nextElementSibling : null;
    const top = mark?.getBoundingClientRect().top;
    place.replaceWith(...kept);
    sew(isBefore ? kept : there, isBefore ? there : kept);
    if (mark) {
        window.scrollBy(0, mark.getBoundingClientRect().top - top);
    }
    shown();
}

const observer = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => follow(entry.target)),
    { rootMargin: SEEN_EARLY },
);

async function follow(link) {
    if (link.dataset.loading) {
        return;
    }
    link.dataset.loading = "yes";
    observer.unobserve(link);
    try {
        await more(link);
    } catch {
        delete link.dataset.loading;
        announce(live.dataset.failed);
    }
}

function shown() {
    log.querySelectorAll("[data-more]").forEach((link) => observer.observe(link));
    root.dispatchEvent(new CustomEvent("agent-sessions:shown"));
}

/** Bring an element into sight; its reader goes along unless busy elsewhere, as when typing (``stays``). */
function focusOn(anchor, stays = false) {
    const element = document.getElementById(anchor);
    if (!element) {
        return false;
    }
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) {
        fold.open = true;
    }
    if (!stays) {
        element.focus({ preventScroll: true });
    }
    element.scrollIntoView({ block: element.dataset.error === undefined ? "center" : "start" });
    return true;
}

/** Go to an element; load the piece around it where it is not there yet. */
async function go({ anchor, query, stays }) {
    if (focusOn(anchor, stays)) {
        return;
    }
    try {
        log.replaceChildren(...(await fetchHTML(`${root.dataset.piece}?${query}`)));
        history.replaceState(null, "", `${root.dataset.page}?${query}#${anchor}`);
        shown();
        focusOn(anchor, stays);
    } catch {
        announce(live.dataset.failed);
    }
}

log.addEventListener("click", (event) => {
    const link = event.target.closest("[data-more]");
    if (link) {
        event.preventDefault();
        follow(link);
    }
});
root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump-run]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        const url = new URL(link.href);
        const kept = new URLSearchParams(root.dataset.kept);
        kept.forEach((value, name) => url.searchParams.set(name, value));
        go({ anchor: url.hash.slice(1), query: url.searchParams.toString() });
    }
});
root.addEventListener("agent-sessions:go", (event) => go(event.detail));
root.addEventListener("agent-sessions:say", (event) => announce(event.detail));

shown();
if (location.hash.length > 1) {
    focusOn(location.hash.slice(1));
}
