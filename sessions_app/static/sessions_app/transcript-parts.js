// What happens inside messages and the side bar on a click: long texts, remote pictures, copying, more runs.

const root = document.querySelector("[data-agent-sessions-transcript]");
const live = root.querySelector("[data-live]");

function say(text) {
    root.dispatchEvent(new CustomEvent("agent-sessions:say", { detail: text }));
}

async function fetchText(url) {
    const response = await fetch(url, { redirect: "error" });
    if (!response.ok) {
        throw new Error(response.statusText);
    }
    return response.text();
}

async function showAll(link) {
    const note = link.closest(".agent-sessions-cut");
    const shown = note.previousElementSibling;
    const whole = document.createElement("pre");
    whole.className = "agent-sessions-body";
    whole.tabIndex = 0;
    whole.textContent = await fetchText(link.href);
    shown.replaceWith(whole);
    note.remove();
    whole.focus();
}

function loadPicture(button) {
    const picture = document.createElement("img");
    picture.referrerPolicy = "no-referrer";
    picture.alt = button.dataset.alt;
    picture.addEventListener("error", () => {
        picture.remove();
        say(live.dataset.failed);
    });
    const frame = document.createElement("span");
    frame.className = "agent-sessions-image";
    frame.append(picture);
    button.closest(".agent-sessions-file").after(frame);
    button.remove();
    picture.src = button.dataset.remoteImage;
}

async function copy(button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(live.dataset.copied);
}

async function moreRuns(link) {
    const place = link.closest(".agent-sessions-more");
    const parsed = new DOMParser().parseFromString(await fetchText(link.dataset.moreRuns), "text/html");
    const list = place.previousElementSibling;
    list.append(...[...parsed.querySelectorAll(".agent-sessions-bars > li")].map((item) => document.adoptNode(item)));
    const next = parsed.querySelector(".agent-sessions-more");
    place.replaceWith(...(next ? [document.adoptNode(next)] : []));
}

const ACTIONS = [
    ["[data-show-all]", showAll],
    ["[data-remote-image]", loadPicture],
    ["[data-copy]", copy],
    ["[data-more-runs]", moreRuns],
    ["[data-print]", () => window.print()],
];

// The heading, with its buttons and menu, lies outside the transcript's element.
document.addEventListener("click", async (event) => {
    for (const [selector, act] of ACTIONS) {
        const element = event.target.closest(selector);
        if (element && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            try {
                await act(element);
            } catch {
                say(live.dataset.failed);
            }
        }
    }
    // A menu closes when the reader clicks elsewhere.
    document.querySelectorAll(".agent-sessions-menu[open]").forEach((menu) => (menu.open = menu.contains(event.target)));
});

/** What works with scripts alone. */
function reveal() {
    document.querySelectorAll("[data-remote-image][hidden], [data-print][hidden]").forEach((button) => (button.hidden = false));
    if (navigator.clipboard) {
        root.querySelectorAll("[data-copy][hidden]").forEach((button) => (button.hidden = false));
    }
}

root.addEventListener("agent-sessions:shown", reveal);
reveal();
