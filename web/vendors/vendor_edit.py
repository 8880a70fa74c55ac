"""Putting a vendor on the register and changing what it says: facts, status, contacts, sub-processors."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from vendors.models import Contact, SubProcessor, Vendor
from vendors.registering import relations
from web.forms.reasons import OptionalReasonForm, ReasonForm
from web.forms.vendors.vendors import ContactForm, SubProcessorForm, VendorForm
from web.page_parts import asking, steps
from web.page_parts.access import MemberRequest, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.vendors.vendor_moves import MOVES


@asks
@member_who_may(relations.register_vendor)
def register(request: MemberRequest) -> HttpResponse:
    """Register a vendor."""
    form = asking.filled(request, VendorForm)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        vendor = steps.attempt(request, lambda: relations.register_vendor(**data, by=request.user, now=now), form=form)
        if vendor is not None:
            messages.success(request, f"{vendor} is on the register as {vendor.ref}.")
            return redirect("web:vendor-detail", pk=vendor.pk)
    return render(request, "vendors/form.html", {"form": form}, status=asking.status_of(form))


@asks
@member_who_may(relations.edit_vendor)
def edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change a vendor's facts."""
    vendor = _find(request, pk)
    form = asking.filled(request, VendorForm, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        if steps.done(
            request,
            lambda: form.take(vendor, changes=data, by=request.user, now=now),
            message="Saved.",
            form=form,
        ):
            return redirect("web:vendor-detail", pk=pk)
    return render(request, "vendors/form.html", {"form": form, "vendor": vendor}, status=asking.status_of(form))


@asks
@member_who_may(*(one.step for one in MOVES.values()))
def move(request: MemberRequest, pk: UUID, to: str) -> HttpResponse:
    """Move a vendor to another status."""
    vendor = _find(request, pk)
    if to not in Vendor.Status.values:
        raise Http404
    wanted = Vendor.Status(to)
    form = OptionalReasonForm if wanted is Vendor.Status.ACTIVE else ReasonForm
    asked = MOVES[wanted]
    page = _page(vendor, f"{asked.word}: {vendor}", asked.consequence, asked.word, danger=asked.is_end)
    return asking.ask(
        request,
        asking.filled(request, form),
        page,
        step=lambda data: asked.step(vendor, **data, by=request.user, now=timezone.now()),
        message=f"{vendor} is {wanted.label.lower()}.",
    )


@asks
@member_who_may(relations.add_contact)
def add_contact(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Add a person at a vendor."""
    vendor = _find(request, pk)
    words = "Somebody to ask or to warn. Remove people who have left: personal details are not kept for nothing."
    return asking.ask(
        request,
        asking.filled(request, ContactForm),
        _page(vendor, "Add a contact", words, "Add"),
        step=lambda data: relations.add_contact(vendor, **data, by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(relations.remove_contact)
def remove_contact(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove a person at a vendor."""
    seen = Vendor.objects.visible_to(request.user)
    contact = get_object_or_404(Contact.objects.select_related("vendor"), pk=pk, vendor__in=seen)
    words = f"The details of {contact.name} at {contact.vendor} are deleted."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page(contact.vendor, f"Remove {contact.name}", words, "Remove", danger=True),
        step=lambda data: relations.remove_contact(contact, by=request.user, now=timezone.now()),
        message="Removed.",
    )


@asks
@member_who_may(relations.add_sub_processor)
def add_sub_processor(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that a vendor uses another to serve us."""
    vendor = _find(request, pk)
    words = f"A vendor whose services {vendor} uses to serve you: a fourth party."
    return asking.ask(
        request,
        asking.filled(request, SubProcessorForm, vendor=vendor),
        _page(vendor, "Add a sub-processor", words, "Add"),
        step=lambda data: relations.add_sub_processor(vendor, **data, by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(relations.remove_sub_processor)
def remove_sub_processor(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove the record that a vendor uses another."""
    seen = Vendor.objects.visible_to(request.user)
    row = get_object_or_404(SubProcessor.objects.select_related("vendor", "used"), pk=pk, vendor__in=seen)
    words = f"{row.vendor} no longer uses {row.used} for {row.purpose}."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page(row.vendor, f"Remove {row.used}", words, "Remove", danger=True),
        step=lambda data: relations.remove_sub_processor(row, by=request.user, now=timezone.now()),
        message="Removed.",
    )


def _find(request: HttpRequest, pk: UUID) -> Vendor:
    return visible(Vendor.objects.prefetch_related("kinds"), request.user, pk=pk)  # type: ignore[arg-type]


def _page(vendor: Vendor, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back_url = reverse("web:vendor-detail", args=[vendor.pk])
    return Page(heading, consequence, label, back_url, vendor.name, "vendor-list", danger)
