"""Rules of discounts on staff pages: proposed by one person, decided by another, ended when they are over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.explaining.discounts import tell_rule
from billing.forms.discounts import DiscountRuleForm, EndRuleForm
from billing.models import DiscountRule, RequestState
from billing.selectors.discounts import list_rules
from billing.services.discount_rules import approve_rule, end_rule, propose_rule, refuse_rule, tell_days
from core.access import may, requires
from core.money import ZERO
from core.staff import StaffView, telling_refusals
from users.acting import acting_user

MOST = 200


def find_rule(request: HttpRequest, pk: int) -> DiscountRule:
    """The rule, when the person may see it; else 404."""
    rule: DiscountRule = get_object_or_404(list_rules(request.user), pk=pk)
    return rule


@requires("billing.view")
class DiscountsView(StaffView):
    """The rules there are and were, those to decide first."""

    title = gettext_lazy("Discounts")
    lead = gettext_lazy("The same for every owner: proposed by one person, approved by another.")
    template_name = "billing/discounts.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the rules of the chosen tab, each in a sentence."""
        rules = list_rules(self.request.user)
        is_waiting = self.request.GET.get("tab") == "waiting"
        chosen = rules.waiting() if is_waiting else rules.decided()
        rows = [{"rule": rule, "told": tell_rule(rule), "days": tell_days(rule)} for rule in chosen[:MOST]]
        return super().get_context_data(
            rows=rows,
            is_waiting=is_waiting,
            may_propose=may(self.request.user, "billing.tariffs"),
            **context,
        )


@requires("billing.tariffs")
class ProposeDiscountView(StaffView):
    """A new rule."""

    title = gettext_lazy("Propose a discount")
    template_name = "billing/propose_discount.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form."""
        form = context.pop("form", None) or DiscountRuleForm(user=self.request.user)
        return super().get_context_data(form=form, **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let the rule wait for a second person."""
        form = DiscountRuleForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        rule = propose_rule(rule=form.instance, by=acting_user(request), now=timezone.now())
        return redirect("billing:discount", rule.pk)


@requires("billing.view")
class DiscountView(StaffView):
    """One rule: what it gives, what it gave so far, and the buttons of the second person."""

    template_name = "billing/discount.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the rule and what may be done with it."""
        rule = find_rule(self.request, context.pop("pk"))
        user = acting_user(self.request)
        is_own = rule.requested_by == str(user)
        live = rule.discounts.filter(waiver__reversal=None)
        page = super().get_context_data(
            rule=rule,
            told=tell_rule(rule),
            days=tell_days(rule),
            given=live.aggregate(count=Count("pk"), sum=Sum("waiver__amount", default=ZERO)),
            promised=rule.promises.aggregate(count=Count("pk"), sum=Sum("gift", default=ZERO)),
            may_decide=rule.is_waiting and not is_own and may(user, "billing.approve"),
            waits_for_another=rule.is_waiting and is_own,
            end_form=self._end_form(rule),
            **context,
        )
        return page | {"title": rule.name}

    def _end_form(self, rule: DiscountRule) -> EndRuleForm | None:
        """The form to end a rule that is in force or will be, for who may approve one."""
        over = rule.last_day is not None and rule.last_day <= timezone.localdate()
        if rule.state != RequestState.APPROVED or over or not may(self.request.user, "billing.approve"):
            return None
        return EndRuleForm(initial={"last_day": max(timezone.localdate(), rule.start)})


@requires("billing.approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree: the rule gives what it says from its first day on."""
    rule = find_rule(request, pk)
    with telling_refusals(request, _("The rule is approved.")):
        approve_rule(rule=rule, by=acting_user(request), now=timezone.now())
    return redirect("billing:discount", pk)


@requires("billing.approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no: the rule never gives anything."""
    rule = find_rule(request, pk)
    with telling_refusals(request, _("The rule was refused.")):
        refuse_rule(rule=rule, by=acting_user(request), now=timezone.now())
    return redirect("billing:discount", pk)


@requires("billing.approve")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the rule hold until a day and no longer."""
    rule, form = find_rule(request, pk), EndRuleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a day."))
        return redirect("billing:discount", pk)
    with telling_refusals(request, _("The rule ends on that day.")):
        last_day = form.cleaned_data["last_day"]
        end_rule(rule=rule, last_day=last_day, by=acting_user(request), today=timezone.localdate())
    return redirect("billing:discount", pk)
