"""The settings of a community: one page, a section for each app's rules, every change on record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.views.communities import CommunitiesView
from core.access import may, requires
from core.policies import Section, list_sections, save_section
from core.staff import StaffView
from estates.selectors import get_visible_community
from users.acting import acting_user


@requires("settings.view")
class SettingsView(CommunitiesView):
    """The communities one may see the settings of."""

    title = gettext_lazy("Settings")
    page = "billing:community_settings"


@requires("settings.view")
class CommunitySettingsView(StaffView):
    """All rules of a community; who may change settings saves a section at a time."""

    template_name = "billing/settings.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the community; out of scope is a 404."""
        self.community = get_visible_community(request.user, kwargs["code"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return a form for every section; the one that was sent keeps what was typed."""
        sent: dict[str, ModelForm[Any]] = context.pop("sent", {})
        forms = [(section, sent.get(section.name) or self._form(section)) for section in list_sections()]
        page = super().get_context_data(
            sections=forms, community=self.community, may_change=self._may_change, **context
        )
        return {**page, "title": _("Settings of %(name)s") % {"name": self.community.name}}

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Save the section that was sent."""
        if not self._may_change:
            raise PermissionDenied
        section = next((one for one in list_sections() if one.name in request.POST), None)
        if section is None:
            raise Http404
        form = self._form(section, request.POST)
        if not form.is_valid():
            page = self.get_context_data(code=code, sent={section.name: form})
            return self.render_to_response(page, status=422)
        changed = save_section(section=section, form=form, community=self.community, by=acting_user(request))
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("billing:community_settings", code)

    @property
    def _may_change(self) -> bool:
        return may(self.request.user, "settings.change")

    def _form(self, section: Section, data: Any = None) -> ModelForm[Any]:
        form = section.form(data, instance=section.find(self.community), prefix=section.name)
        if not self._may_change:
            for field in form.fields.values():
                field.disabled = True
        return form
