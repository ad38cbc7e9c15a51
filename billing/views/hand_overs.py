"""A unit is handed over, or its owner refuses to take it: written down from the page of the unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import UnitChange
from billing.models.changes import ChangeKind
from billing.selectors.hand_over import find_beginning
from billing.services.hand_overs import hand_over
from core.access import requires
from core.staff import StaffView, telling_refusals
from estates.domain.city_packs import Topic, find_rule
from estates.forms import HandOverForm
from estates.models import HandOver, Unit
from estates.selectors import list_units
from users.acting import acting_user


@requires("estates.import")
class HandOverView(StaffView):
    """The hand-over of one unit: what is on record, from when its owner pays by the local rule, and the form."""

    title = gettext_lazy("Hand-over")
    template_name = "billing/hand_over.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the unit, the hand-over on record and the rule of its community."""
        unit = context.pop("unit", None) or self._unit(context.pop("pk"))
        held = HandOver.objects.filter(unit=unit).first()
        form = context.pop("form", None) or HandOverForm(instance=held, label_suffix="")
        pack, today = unit.community.city_pack, timezone.localdate()
        return super().get_context_data(
            unit=unit,
            held=held,
            form=form,
            rule=find_rule(pack, Topic.HAND_OVER, unit.handed_over_on or today),
            pays_from=find_beginning(unit),
            waiting=UnitChange.objects.waiting().filter(unit=unit, kind=ChangeKind.HAND_OVER).first(),
            **{**context, "lead": f"{unit.community.name} · {unit.label}"},
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the hand-over down, or let it wait for a second person; a second time it replaces the day."""
        unit = self._unit(pk)
        form = HandOverForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(unit=unit, form=form), status=422)
        with telling_refusals(request):
            change = hand_over(
                unit=unit, **form.cleaned_data, by=acting_user(request), now=timezone.now()
            )  # fmt: skip
            if change:
                return redirect("billing:change", change.pk)
            messages.success(request, _("Recorded."))
        return redirect("billing:hand_over", pk)

    def _unit(self, pk: int) -> Unit:
        unit: Unit = get_object_or_404(list_units(self.request.user), pk=pk)
        return unit
