"""A unit is handed over, or its owner refuses to take it: written down from the page of the unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.selectors.hand_over import find_beginning, find_waiting_hand_over
from billing.services.hand_overs import hand_over
from core.access import requires
from core.staff import StaffView, telling_refusals
from estates.domain.city_packs import Topic, find_rule
from estates.forms import HandOverForm
from estates.selectors import find_hand_over, list_units
from users.acting import acting_user


@requires("estates.import")
class HandOverView(StaffView):
    """The hand-over of one unit: what is on record, from when its owner pays by the local rule, and the form."""

    title = gettext_lazy("Hand-over")
    template_name = "billing/hand_over.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the unit, the hand-over on record and the rule of its community."""
        unit = get_object_or_404(list_units(self.request.user), pk=context.pop("pk"))
        held = find_hand_over(unit)
        form = context.pop("form", None) or HandOverForm(instance=held, label_suffix="")
        pack, today = unit.community.city_pack, timezone.localdate()
        return super().get_context_data(
            unit=unit,
            held=held,
            form=form,
            rule=find_rule(pack, Topic.HAND_OVER, unit.handed_over_on or today),
            pays_from=find_beginning(unit),
            waiting=find_waiting_hand_over(unit),
            **{**context, "lead": f"{unit.community.name} · {unit.label}"},
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the hand-over down, or let it wait for a second person; a second time it replaces the day."""
        unit = get_object_or_404(list_units(request.user), pk=pk)
        form = HandOverForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(pk=pk, form=form), status=422)
        with telling_refusals(request):
            change = hand_over(
                unit=unit, **form.cleaned_data, by=acting_user(request), now=timezone.now()
            )  # fmt: skip
            if change:
                return redirect("billing:change", change.pk)
            messages.success(request, _("Recorded."))
        return redirect("billing:hand_over", pk)
