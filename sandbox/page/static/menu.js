/** A menu that a button opens beside itself. */

/**
 * Let a button open a menu, in which arrows move; it closes when the focus leaves it. The menu is a
 * manual popover, so that the focus is in it at once, however fast somebody types. Gives back what
 * closes it.
 */
export function opensMenu(opener, menu, items) {
  const isOpen = () => menu.matches(":popover-open");
  const close = () => {
    if (isOpen()) menu.hidePopover();
    opener.setAttribute("aria-expanded", "false");
  };
  opener.addEventListener("click", () => {
    if (isOpen()) return close();
    menu.showPopover();
    opener.setAttribute("aria-expanded", "true");
    place(opener, menu);
    items[0]?.focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== opener && !menu.contains(relatedTarget)) close();
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      close();
      opener.focus();
      event.stopPropagation();
    } else if (step) {
      const at = items.indexOf(document.activeElement);
      items[(at + step + items.length) % items.length].focus();
    } else return;
    event.preventDefault();
  });
  return close;
}

function place(opener, menu) {
  const { left, right, top, bottom } = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const fits = left + width < innerWidth - 8;
  const below = bottom + height < innerHeight - 8;
  menu.style.setProperty("left", `${Math.max(8, fits ? left : right - width)}px`);
  menu.style.setProperty("top", `${below ? bottom + 4 : Math.max(8, top - height - 4)}px`);
}
