"""The whole workflow, for each payment method."""

import json

from flowgen.testing import Flowgen

from take_payment.generated.models import CardPayment, Receipt, TransferPayment, VoucherPayment

WORKFLOW = "workflows/take_payment.yaml"


def test_the_fee_of_a_card_depends_on_the_amount(flowgen: Flowgen) -> None:
    payment = CardPayment(method="card", order="A-1", cents=5000, number="4111 1111 1111 1111")

    run = flowgen(WORKFLOW).run(payment)

    receipt = run.took_path("charge", "charge_card", "receipt").output_as(Receipt)
    assert (receipt.paid_by, receipt.fee_cents) == ("card", 25 + 70)


def test_the_fee_of_a_transfer_is_fixed(flowgen: Flowgen) -> None:
    payment = TransferPayment(method="transfer", order="A-2", cents=5000, iban="DE89 3704 0044 0532 0130 00")

    run = flowgen(WORKFLOW).run(payment)

    receipt = run.took_path("charge", "debit_account", "receipt").output_as(Receipt)
    assert (receipt.paid_by, receipt.fee_cents) == ("transfer", 35)


def test_a_voucher_calls_no_function(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(VoucherPayment(method="voucher", order="A-3", cents=5000, code="SPRING"))

    assert run.output_as(Receipt) == Receipt(order="A-3", paid_by="voucher", reference="voucher SPRING", fee_cents=0)


def test_a_mistyped_number_is_refused(flowgen: Flowgen) -> None:
    payment = CardPayment(method="card", order="A-4", cents=5000, number="4111 1111 1111 1112")

    flowgen(WORKFLOW).run(payment).failed("CardRefused", "1112").called("charge_card", times=1)


def test_another_payment_method_fails(flowgen: Flowgen) -> None:
    flowgen(WORKFLOW).run({"method": "barter", "order": "A-5", "cents": 5000}).failed("ContractViolation")


def test_a_message_is_a_payment(flowgen: Flowgen) -> None:
    body = {"method": "voucher", "order": "A-3", "cents": 5000, "code": "SPRING"}

    run = flowgen(WORKFLOW).run({"messageId": "m-1", "body": json.dumps(body)}, trigger="ordered")

    assert run.took_path("charge", "use_voucher", "receipt").output_as(Receipt).paid_by == "voucher"
