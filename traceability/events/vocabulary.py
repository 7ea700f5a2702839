"""The bare words of the Core Business Vocabulary 2.0 (GS1 CBV 2.0), as the EPCIS 2.0 JSON binding writes them.

Facts read from the GS1 EPCIS 2.0.0 JSON schema and the CBV ontology. A word outside these sets must be a URI of
somebody else's vocabulary; the CBV URN spellings (urn:epcglobal:cbv:...) are not JSON spellings.
"""

from traceability.events.formats import is_uri


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EVENT_TYPES = frozenset(
    {"ObjectEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent", "TransformationEvent"}
)
ACTIONS = frozenset({"OBSERVE", "ADD", "DELETE"})

BIZ_STEPS = _words(
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing
    reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing
    transporting unloading unpacking void_shipping
    """
)
DISPOSITIONS = _words(
    """
    active available completeness_inferred completeness_verified conformant container_closed container_open
    damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class
    mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other
    partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible
    stolen unavailable unknown
    """
)
TRANSACTION_TYPES = _words(
    """
    bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt
    """
)
ENDPOINT_TYPES = frozenset({"owning_party", "possessing_party", "location"})
ERROR_REASONS = frozenset({"did_not_occur", "incorrect_data"})
SENSOR_ALERTS = frozenset({"ALARM_CONDITION", "ERROR_CONDITION"})
COMPONENTS = _words(
    """
    x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
    longitude altitude
    """
)
MEASUREMENTS = _words(
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
    MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power
    Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle
    SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate
    VolumeFraction VolumetricFlux Wavenumber
    """
)

_CBV_SPELLINGS = ("urn:epcglobal:cbv", "http://ns.gs1.org/cbv/", "https://ns.gs1.org/cbv/")
_WEB_VOCABULARY = ("http://gs1.org/voc/", "https://gs1.org/voc/", "http://www.gs1.org/voc/", "https://www.gs1.org/voc/")


def is_word_or_own_uri(value: object, words: frozenset[str]) -> bool:
    """Tell whether the value is one of the CBV words, or a URI outside the CBV's own name spaces."""
    return (type(value) is str and value in words) or (is_uri(value) and not str(value).startswith(_CBV_SPELLINGS))


def is_measure_or_own_uri(value: object, words: frozenset[str]) -> bool:
    """Tell whether the value is one of the sensor words, or a URI outside the GS1 Web Vocabulary."""
    return (type(value) is str and value in words) or (is_uri(value) and not str(value).startswith(_WEB_VOCABULARY))


_WEB_URIS = ("https://ref.gs1.org/cbv/", "http://ref.gs1.org/cbv/", "cbv:")
_WEB_NAMES = (("BizStep-", BIZ_STEPS), ("Disp-", DISPOSITIONS), ("BTT-", TRANSACTION_TYPES), ("SDT-", ENDPOINT_TYPES))


def bare_word(value: str) -> str:
    """Return the bare word for a business step, disposition, or type spelled as a CBV web URI; other text as it is.

    The schema lets ``https://ref.gs1.org/cbv/BizStep-shipping`` pass, and the standard context makes it the same as
    ``shipping``: a second spelling must not lead past the custody rules.
    """
    if not value.startswith(_WEB_URIS):
        return value
    name = next(value.removeprefix(base) for base in _WEB_URIS if value.startswith(base))
    for kind, words in _WEB_NAMES:
        if name.startswith(kind) and name.removeprefix(kind) in words:
            return name.removeprefix(kind)
    return value
