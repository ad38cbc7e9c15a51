/* The reader's round: says at once what is doubtful about a value. Without it the page says so after saving. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-check]");
  if (!form || !window.fetch) { return; }
  var input = form.elements.value, say = document.getElementById("say"), timer = 0, asked = 0;
  input.addEventListener("input", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 300);
  });
  function ask() {
    var number = ++asked;
    fetch(form.dataset.check + "?value=" + encodeURIComponent(input.value), { credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (answer) { if (number === asked) { say.textContent = answer.say; } })
      .catch(function () { say.textContent = ""; });
  }
}());
