"""What the pages are made of: the stock admin's parts, or django-unfold's on a site that has it in INSTALLED_APPS.

Both have the same parents, so the rest of the admin need not know which of them it builds on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import widgets
from django.contrib.admin.views import main
from django.forms import Select

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    ChangeList = main.ChangeList
    TextArea = widgets.AdminTextareaWidget
    TextInput = widgets.AdminTextInputWidget
    SplitDateTime = widgets.AdminSplitDateTime
    ChoiceSelect = Select
    STYLES: list[str] = []
    TOOL: str
elif apps.is_installed("unfold"):
    from unfold.admin import ModelAdmin
    from unfold.views import ChangeList
    from unfold.widgets import UnfoldAdminSelectWidget as ChoiceSelect
    from unfold.widgets import UnfoldAdminSplitDateTimeWidget as SplitDateTime
    from unfold.widgets import UnfoldAdminTextareaWidget as TextArea
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

    STYLES = ["sessions_app/unfold.css"]
    TOOL = "div"
else:
    ModelAdmin = admin.ModelAdmin
    ChangeList = main.ChangeList
    TextArea = widgets.AdminTextareaWidget
    TextInput = widgets.AdminTextInputWidget
    SplitDateTime = widgets.AdminSplitDateTime
    ChoiceSelect = Select
    STYLES = []
    TOOL = "li"
"""The element around a button above a list: in the stock admin these are a list themselves."""
