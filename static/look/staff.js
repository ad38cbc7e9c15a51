/* Staff pages on a narrow screen: each row of a table is drawn as a card whose figures carry the names of their columns
   (staff.css, part 5). Without this script a wide table scrolls inside its card. */
(function () {
  "use strict";
  var ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };
  var WIDE = "form, input, ul, details, p";

  function headsOf(table) {
    var names = [];
    table.querySelectorAll("thead tr:last-child > *").forEach(function (head) {
      for (var n = 0; n < head.colSpan; n += 1) { names.push(head.textContent.trim()); }
    });
    return names;
  }

  function nameCells(row, heads) {
    var column = 0;
    Array.prototype.forEach.call(row.cells, function (cell, place) {
      var text = cell.textContent.trim();
      if (place) {
        cell.dataset.head = cell.colSpan === 1 ? heads[column] || "" : "";
        cell.classList.toggle("nl-none", !cell.children.length && (text === "" || text === "—"));
        cell.classList.toggle("nl-long", text.length > 16 || cell.querySelector(WIDE) !== null);
      }
      column += cell.colSpan;
    });
    row.classList.toggle("nl-ticked", row.cells[0].querySelector("[type=checkbox]") !== null);
  }

  function keepMeaning(table) { /* what is not displayed as a table loses its roles in some browsers */
    [table].concat(Array.prototype.slice.call(table.querySelectorAll("thead, tbody, tfoot, tr, td"))).forEach(
      function (part) { part.setAttribute("role", ROLES[part.tagName]); }
    );
    table.querySelectorAll("th").forEach(function (head) {
      head.setAttribute("role", head.scope === "row" ? "rowheader" : "columnheader");
    });
  }

  function makeCards() {
    document.querySelectorAll(".nl-table:not(.nl-cards)").forEach(function (table) {
      var heads = headsOf(table);
      if (!heads.length) { return; }
      table.querySelectorAll("tbody tr, tfoot tr").forEach(function (row) { nameCells(row, heads); });
      keepMeaning(table);
      table.classList.add("nl-cards");
    });
  }

  document.addEventListener("DOMContentLoaded", makeCards);
  document.addEventListener("htmx:load", makeCards);
}());
