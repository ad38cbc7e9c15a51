"""Staff pages in the Unfold shell: lists of rows inside the scope of the person, and pages of our own.

    @admin.register(Bill)
    class BillAdmin(ScopedAdmin):
        permission = "billing.view"

    @requires("billing.run")
    class RunsView(StaffView):
        title = _("Billing runs")
        template_name = "billing/runs.html"        # extends "staff/page.html", fills the block page

A page that only shows rows is a `ScopedAdmin`; a page that does something is a `StaffView`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.generic import TemplateView
from unfold.admin import ModelAdmin

from core.access import may
from core.audit import record
from core.errors import DomainError

# A filter that offers only what is in the list, so that it names nobody else's.
SCOPED = admin.RelatedOnlyFieldListFilter


@contextmanager
def telling_refusals(request: HttpRequest, done: str = "") -> Iterator[None]:
    """Tell the person that what is done inside is done, or why a rule refuses it, and go on after it."""
    try:
        yield
    except DomainError as error:
        messages.error(request, " ".join(_tell(error)))
    else:
        if done:
            messages.success(request, done)


@contextmanager
def telling_on(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """Tell on a valid form, or on a field of it, when a rule refuses what is done inside, and go on after it."""
    try:
        yield
    except DomainError as error:
        form.add_error(field, _tell(error))


def _tell(error: DomainError) -> list[str]:
    return [str(error), *(str(problem.message) for problem in error.problems)]


class FilePicker(forms.FileInput):
    """A file input drawn as we draw it.

    Unfold's script writes the name of the chosen file into a text field it expects beside every file input, and fails
    on a page that has none. Ours shows the name itself, so the field stands there unseen and is never sent.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Draw the input, and the text field for Unfold's script."""
        drawn = super().render(name, value, attrs, renderer)
        return format_html(
            '<span><span>{}</span><input type="text" hidden disabled aria-hidden="true"></span>', drawn
        )


class ScopedAdmin(ModelAdmin):
    """A list and a detail page of the rows a person may see; changing them is off unless it is allowed.

    `permission` opens the pages, `change_permission` also allows to add and change, `delete_permission` to
    delete. Rows come from the model's `visible_to`, and so do the choices of foreign keys; a row out of scope
    is not found. `unscoped` is the reason why rows of a model belong to no community. What is added, changed or
    deleted here is audited in the same transaction.
    """

    permission: ClassVar[str] = ""
    change_permission: ClassVar[str] = ""
    delete_permission: ClassVar[str] = ""
    unscoped: ClassVar[str] = ""
    list_per_page = 50
    list_filter_submit = True
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows inside the scope of the person, in the order of the admin."""
        if self.unscoped:
            return super().get_queryset(request)
        rows: models.QuerySet[Any] = self.model._default_manager.visible_to(request.user)
        return rows.order_by(*self.get_ordering(request))

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponseRedirect:
        """Answer 404 for a row that is not there or not in scope, where Django leads home with its number."""
        raise Http404

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> forms.ModelChoiceField | None:
        """Offer only rows inside the scope of the person."""
        manager = db_field.remote_field.model._default_manager
        if hasattr(manager, "visible_to"):
            options.setdefault("queryset", manager.visible_to(request.user))
        field: forms.ModelChoiceField | None = super().formfield_for_foreignkey(db_field, request, **options)
        return field

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the app shows in the menu."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `permission`."""
        return bool(self.permission) and may(request.user, self.permission)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `change_permission`."""
        return bool(self.change_permission) and may(request.user, self.change_permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `change_permission`."""
        return bool(self.change_permission) and may(request.user, self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the person holds `delete_permission`; most rows are never deleted."""
        return bool(self.delete_permission) and may(request.user, self.delete_permission)

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool
    ) -> None:
        """Save the row and write the changed fields to the audit trail."""
        changed = (
            [name for name in form.changed_data if name in form.initial] if change else form.changed_data
        )
        before = {name: form.initial[name] for name in changed} if change else None
        super().save_model(request, obj, form, change)
        self._audit("change" if change else "add", request, obj, before, model_to_dict(obj, changed))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete the row and write what it was to the audit trail."""
        self._audit("delete", request, obj, model_to_dict(obj), None)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete the chosen rows, each with its own audit record."""
        with transaction.atomic():
            for row in queryset:
                self.delete_model(request, row)

    def _audit(
        self,
        verb: str,
        request: HttpRequest,
        obj: models.Model,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> None:
        record(
            action=f"{obj._meta.app_label}.{verb}_{obj._meta.model_name}",
            target=obj,
            by=request.user,
            community_id=getattr(obj, "community_id", None),
            before=before,
            after=after,
        )


class StaffView(TemplateView):
    """A page of our own inside the staff shell; declare its access with `core.access.requires`.

    `title` stands in the head of the page and of the window, `lead` in the line below it. The template
    extends `staff/page.html` and fills the block `page`; the block `tools` takes filters and buttons
    beside the title.
    """

    title: ClassVar[Any] = ""
    lead: ClassVar[Any] = ""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the context of the shell (menu, account), the page's title and what the caller adds."""
        self.request.current_app = admin.site.name
        shell = admin.site.each_context(self.request)
        return super().get_context_data(**{**shell, "title": self.title, "lead": self.lead, **context})
