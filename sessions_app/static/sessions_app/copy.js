/* Buttons that copy the text of the element that they name. Without this script the buttons stay hidden. */

const SHOWN_MS = 2000;

function choose(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
}

async function copy(element) {
    try {
        await navigator.clipboard.writeText(element.textContent);
        return true;
    } catch { // Not on a secure origin, or not allowed.
        choose(element);
        return document.execCommand("copy");
    }
}

function say(button, text) {
    const words = button.firstElementChild;
    words.dataset.before ??= words.textContent;
    words.textContent = text;
    document.getElementById("agent-sessions-copy-status").textContent = text;
    setTimeout(() => { words.textContent = words.dataset.before; }, SHOWN_MS);
}

function prepare() {
    const buttons = document.querySelectorAll("[data-agent-sessions-copy]");
    if (!buttons.length) {
        return;
    }
    const status = document.createElement("span");
    status.id = "agent-sessions-copy-status";
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    document.body.append(status);
    for (const button of buttons) {
        button.hidden = false;
        button.addEventListener("click", async () => {
            const copied = await copy(document.getElementById(button.dataset.agentSessionsCopy));
            say(button, copied ? button.dataset.copied : button.dataset.refused);
        });
    }
}

prepare();
